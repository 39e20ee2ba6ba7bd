import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type EmbeddedPostgres, startEmbedded } from "@catalog/server/database/embedded-postgres";
import { claimDirectory } from "@catalog/server/database/owner-file";
import type { Logger } from "@catalog/server/log";
import { Federation, type FederationSpec } from "../harness/federation.js";
import { takenPorts } from "../harness/ports.js";
import { allPorts, type DemoOptions, type DemoPorts } from "./arguments.js";
import { describe, type DemoReport, removeReport, writeReport } from "./report.js";
import { SAMPLE_OFFERS, type SampleOffer } from "./sample-offers.js";

const RESTART_AFTER_MS = 3_000;
const REPLICAS_WITHIN_MS = 40_000;

/** Ports that other programs listen on. */
export class PortsTakenError extends Error {
  override readonly name = "PortsTakenError";
  constructor(readonly ports: readonly number[]) {
    super(
      `Port${ports.length > 1 ? "s" : ""} ${ports.join(", ")} ${ports.length > 1 ? "are" : "is"} taken by another program. ` +
        "Stop it, or give the demo other ports: npm run demo -- --port-base 20000",
    );
  }
}

/** The whole system on one machine: one PostgreSQL, one Broker, two Providers and one Customer. */
export class Demo {
  #federation: Federation | undefined;
  #postgres: EmbeddedPostgres | undefined;
  #release: (() => Promise<void>) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly options: DemoOptions,
    private readonly log: Logger,
    private readonly say: (line: string) => void,
  ) {}

  /**
   * Starts everything, publishes the sample offers where they are missing, and writes `demo.json` once every replica
   * shows them. Throws {@link PortsTakenError}, or DataDirectoryInUseError for the directory of a demo that runs, before
   * anything is started or changed.
   */
  async start(): Promise<{ readonly report: DemoReport; readonly file: string }> {
    const { dataDir, isReset, ports } = this.options;
    const taken = await takenPorts(allPorts(ports));
    if (taken.length > 0) throw new PortsTakenError(taken);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    this.#release = await claimDirectory(dataDir, join(dataDir, "demo.pid"));
    await removeReport(dataDir);
    if (isReset) await emptyDataDir(dataDir);

    this.say("PostgreSQL …");
    const postgres = await startEmbedded(dataDir, { log: this.log });
    this.#postgres = postgres;
    await Promise.all(["broker", "turin", "milan", "paris"].map((name) => postgres.ensureDatabase(name)));
    this.say("Broker and three Connectors …");
    const federation = await Federation.prepare(federationSpec(dataDir, ports, postgres));
    this.#federation = federation;
    await federation.start();
    this.#superviseAll(federation);
    this.say("Enrolment and offers …");
    await federation.enrolAll();
    await publishSamples(federation);
    await everyReplicaShowsEveryOffer(federation);
    const report = describe(federation);
    return { report, file: await writeReport(dataDir, report) };
  }

  /** Stops everything in order, within 10 s. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      if (this.#release !== undefined) await removeReport(this.options.dataDir); // ours only while we hold the directory
      await this.#federation?.stop(6_000);
      await this.#postgres?.stop();
      await this.#release?.();
    })();
    return this.#stopped;
  }

  /** Starts a part again that ended by itself or was killed, so that one can watch the others go on meanwhile. */
  #superviseAll(federation: Federation): void {
    for (const process of federation.processes) this.#supervise(process);
  }

  #supervise(process: Federation["processes"][number]): void {
    process.onCrash((cause) => {
      if (this.#stopped) return;
      this.say(`${process.options.name} ended (${cause}); it starts again in ${RESTART_AFTER_MS / 1000} s.`);
      void delay(RESTART_AFTER_MS).then(() => {
        if (this.#stopped) return;
        process.spawn();
        this.#supervise(process);
      });
    });
  }
}

function federationSpec(dataDir: string, ports: DemoPorts, postgres: EmbeddedPostgres): FederationSpec {
  return {
    dataDir,
    databaseUrl: (name) => postgres.url(name),
    broker: { ports: ports.broker, env: { BROKER_NAME: "Demo Broker", CATALOG_READ: "public" } },
    connectors: [
      {
        name: "turin",
        clusterID: "0b5c9e0e-6d5e-4b6b-9a51-3f1f6a7c0001",
        clusterName: "turin",
        prettyName: "Turin",
        ports: ports.turin,
        env: liqoByHand(1),
      },
      {
        name: "milan",
        clusterID: "0b5c9e0e-6d5e-4b6b-9a51-3f1f6a7c0002",
        clusterName: "milan",
        prettyName: "Milan",
        ports: ports.milan,
        env: liqoByHand(2),
      },
      {
        name: "paris",
        clusterID: "0b5c9e0e-6d5e-4b6b-9a51-3f1f6a7c0003",
        clusterName: "paris",
        prettyName: "Paris",
        ports: ports.paris,
        env: liqoByHand(3),
      },
    ],
  };
}

/** Everything of an earlier run except the directory itself, which may be a mount point. */
async function emptyDataDir(dataDir: string): Promise<void> {
  const names = ["broker", "turin", "milan", "paris"];
  const entries = ["postgres", ...names.flatMap((name) => [name, `${name}.log`, `${name}.token`])];
  await Promise.all(entries.map((entry) => rm(join(dataDir, entry), { recursive: true, force: true })));
}

async function publishSamples(federation: Federation): Promise<void> {
  for (const [name, offers] of Object.entries(SAMPLE_OFFERS)) {
    const { api } = federation.connector(name);
    const { myOffers } = await api.request<{ myOffers: { offerID: string }[] }>("{ myOffers(first: 200) { offerID } }");
    const known = new Set(myOffers.map((offer) => offer.offerID));
    for (const offer of offers.filter((sample) => !known.has(sample.offerID))) await save(api, offer);
  }
}

async function save(api: Federation["broker"]["api"], offer: SampleOffer): Promise<void> {
  await api.request("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", { offer });
}

/** Waits until each cluster sees the offers of all the others, and the Broker those of everybody. */
async function everyReplicaShowsEveryOffer(federation: Federation): Promise<void> {
  const samples = Object.entries(SAMPLE_OFFERS).map(([name, offers]) => ({ name, count: offers.length }));
  const expected = [
    { api: federation.broker.api, sellers: samples },
    ...federation.connectors.map(({ api, spec }) => ({
      api,
      sellers: samples.filter((seller) => seller.name !== spec.name),
    })),
  ];
  const deadline = Date.now() + REPLICAS_WITHIN_MS;
  for (const { api, sellers } of expected) {
    while (!(await shows(api, sellers))) {
      if (Date.now() > deadline) throw new Error(`the Catalog at ${api.baseUrl} does not show every sample offer`);
      await delay(50);
    }
  }
}

async function shows(
  api: Federation["broker"]["api"],
  sellers: readonly { readonly name: string; readonly count: number }[],
): Promise<boolean> {
  const { catalog } = await api.request<{ catalog: { clusterName: string; offers: { offerID: string }[] }[] }>(
    "{ catalog { clusterName offers { offerID } } }",
  );
  return sellers.every(({ name, count }) =>
    catalog.some((cluster) => cluster.clusterName === name && cluster.offers.length >= count),
  );
}

/**
 * What the admin of a cluster with Liqo 0.8 and without a driver tells the Connector, so that customers are shown the manifests to
 * apply. The addresses are private ones: nothing has to be there, since nobody calls them.
 */
function liqoByHand(cluster: number): Readonly<Record<string, string>> {
  return {
    LIQO_VERSION: "0.8.3",
    LIQO_AUTH_ENDPOINT: `https://10.0.0.${cluster}`,
    ALLOW_CIDRS: "10.0.0.0/24",
    LIQO_AUTH_TOKEN: `demo-token-of-cluster-${cluster}`,
  };
}
