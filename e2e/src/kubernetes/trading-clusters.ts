import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "@catalog/server/database/embedded-postgres";
import { createLog } from "@catalog/server/log";
import { freePorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { type ConnectorSpec, Federation, type RunningConnector } from "../harness/federation.js";
import { installKinds, type LiqoRelease } from "./fixtures/install-kinds.js";
import { startClusters, type TestCluster, type TestClusters } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, installConnectorAccount } from "./rig/connector-account.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";

/** How a Connector drives its Liqo. */
export type DrivenMode = "v0.8" | "v0.9" | "v1";
const RELEASES: Record<DrivenMode, LiqoRelease> = { "v0.8": "v0.8.1", "v0.9": "v0.10.3", v1: "v1.2.0" };

/** One cluster with its Liqo and its Connector. */
export interface TradingCluster<Liqo> {
  readonly cluster: TestCluster;
  readonly liqo: Liqo;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly connector: RunningConnector;
}

/** A provider and a consumer that know each other through a Broker. */
export interface TradingClusters<Liqo> {
  readonly provider: TradingCluster<Liqo>;
  readonly consumer: TradingCluster<Liqo>;
  readonly federation: Federation;
  stop(): Promise<void>;
}

const SIDES = ["provider", "consumer"] as const;
type Side = (typeof SIDES)[number];
/** Names of clusters that are names of Kubernetes too. */
const NAMES: Record<Side, string> = { provider: "rome", consumer: "milan" };
const UUIDS: Record<Side, string> = {
  provider: "00000000-0000-4000-8000-0000000000aa",
  consumer: "00000000-0000-4000-8000-0000000000bb",
};

/** Two clusters with Liqo 0.x, each driven by the real Connector with no rights but those of `npm run policies`. */
export function startTradingV0(
  mode: "v0.8" | "v0.9",
  env: Readonly<Record<string, string>> = {},
): Promise<TradingClusters<LiqoV0>> {
  return startTrading(mode, UUIDS, env, (cluster, side, address) =>
    LiqoV0.prepare(cluster, {
      clusterID: UUIDS[side],
      clusterName: NAMES[side],
      plugin: { address, wire: mode },
      isIncomingByDefault: false,
    }),
  );
}

/** As {@link startTradingV0}, with Liqo 1.x. */
export function startTradingV1(env: Readonly<Record<string, string>> = {}): Promise<TradingClusters<LiqoV1>> {
  return startTrading("v1", NAMES, { POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace, ...env }, (cluster, side) =>
    LiqoV1.prepare(cluster, { clusterID: NAMES[side] }),
  );
}

interface StartedLiqo {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

async function startTrading<Liqo extends StartedLiqo>(
  mode: DrivenMode,
  ids: Record<Side, string>,
  env: Readonly<Record<string, string>>,
  prepareLiqo: (cluster: TestCluster, side: Side, plugin: string) => Promise<Liqo>,
): Promise<TradingClusters<Liqo>> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const clusters: TestClusters = await startClusters();
    undo.push(() => clusters.stop());
    const dataDir = await mkdtemp(join(tmpdir(), "catalog-trading-"));
    undo.push(() => rm(dataDir, { recursive: true, force: true }));
    const postgres = await startEmbedded(dataDir, { log: createLog({ name: "test", level: "error" }) });
    undo.push(() => postgres.stop());
    await Promise.all(["broker", ...SIDES].map((name) => postgres.ensureDatabase(name)));
    const ports = await freePorts(2 + 4 * SIDES.length);
    const take = (): number => ports.pop() ?? 0;
    const specs: ConnectorSpec[] = [];
    const liqos = {} as Record<Side, Liqo>;
    for (const side of SIDES) {
      const cluster = clusters[side];
      await installKinds(cluster.admin, RELEASES[mode]);
      const spec = {
        name: side,
        clusterID: ids[side],
        clusterName: NAMES[side],
        ports: { grpc: take(), admin: take(), contract: take(), ops: take() },
      };
      liqos[side] = await prepareLiqo(cluster, side, `127.0.0.1:${spec.ports.grpc}`);
      undo.push(() => liqos[side].stop());
      const kubeconfig = join(dataDir, `${side}.kubeconfig`);
      await writeFile(kubeconfig, await installConnectorAccount(cluster, mode === "v1" ? "v1" : "v0"), { mode: 0o600 });
      specs.push({ ...spec, env: { LIQO_MODE: mode, KUBECONFIG: kubeconfig, PEERING_LOOK: "2s", ...env } });
    }
    const federation = await Federation.prepare({
      dataDir,
      databaseUrl: (name) => postgres.url(name),
      broker: { ports: { graphql: take(), ops: take() } },
      connectors: specs,
    });
    undo.push(() => federation.stop());
    await federation.start();
    for (const side of SIDES) await liqos[side].start();
    await federation.enrolAll();
    await everyoneSeesEveryone(federation);
    const sideOf = (side: Side): TradingCluster<Liqo> => ({
      cluster: clusters[side],
      liqo: liqos[side],
      clusterID: ids[side],
      clusterName: NAMES[side],
      connector: federation.connector(side),
    });
    return { provider: sideOf("provider"), consumer: sideOf("consumer"), federation, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function everyoneSeesEveryone({ connectors }: Federation): Promise<void> {
  for (const { api, spec } of connectors) {
    await waitFor(
      async () => {
        const { knownClusters } = await api.request<{ knownClusters: { clusterID: string }[] }>(
          "{ knownClusters { clusterID } }",
        );
        const known = new Set(knownClusters.map(({ clusterID }) => clusterID));
        return connectors.every((other) => other.spec.name === spec.name || known.has(other.spec.clusterID));
      },
      { what: `${spec.name} sees the other cluster`, timeoutMs: 30_000 },
    );
  }
}
