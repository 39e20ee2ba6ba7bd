import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { Federation } from "../harness/federation.js";
import { ownDatabases, sharedDatabases, type TestDatabases } from "./test-databases.js";

export interface TestFederation {
  readonly federation: Federation;
  readonly postgres: TestDatabases;
  stop(): Promise<void>;
}

/** Those tests kill no database, and each file has two API servers to start already. */
const isOnKubernetes = process.env["CATALOG_TEST_KUBE"] !== undefined;
type Environment = Readonly<Record<string, string>>;

/**
 * Starts a Broker and the named Connectors on free ports over databases of their own, enrolled through join strings.
 * Each test file has its own servers, so that it may kill whatever it likes; but for those on Kubernetes, PostgreSQL too, with fsync on.
 * @param env of every Connector, or of the one with that name.
 * @param beforeJoining is done when all answer and none is a member yet.
 * @param root the checkout whose programs run; this one unless given.
 * @param databases makes the databases; those of a PostgreSQL of its own in that directory unless given.
 */
export async function startFederation(
  names: readonly string[],
  env: Environment | ((name: string) => Environment) = {},
  beforeJoining: (federation: Federation) => Promise<void> = () => Promise.resolve(),
  root?: string,
  databases: (dataDir: string) => Promise<TestDatabases> = isOnKubernetes
    ? async () => sharedDatabases()
    : ownDatabases,
): Promise<TestFederation> {
  const dataDir = await mkdtemp(join(tmpdir(), "catalog-federation-"));
  const postgres = await databases(dataDir);
  await Promise.all(["broker", ...names].map((name) => postgres.ensureDatabase(name)));
  const ports = await freePorts(2 + 4 * names.length);
  const take = (): number => ports.pop() ?? 0;
  const federation = await Federation.prepare({
    dataDir,
    databaseUrl: (name) => postgres.url(name),
    ...(root === undefined ? {} : { root }),
    broker: { ports: { graphql: take(), ops: take() }, env: { CATALOG_READ: "public" } },
    connectors: names.map((name, index) => ({
      name,
      clusterID: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
      clusterName: name,
      ports: { grpc: take(), admin: take(), contract: take(), ops: take() },
      env: typeof env === "function" ? env(name) : env,
    })),
  });
  const stop = async (): Promise<void> => {
    await federation.stop();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await federation.start();
    await beforeJoining(federation);
    await federation.enrolAll();
    await everyoneSeesEveryone(federation);
  } catch (error) {
    await stop();
    throw error;
  }
  return { federation, postgres, stop };
}

/** Every Connector's replica holds every cluster, so that each may buy from each even with the Broker down. */
async function everyoneSeesEveryone({ connectors }: Federation): Promise<void> {
  const fingerprints = await Promise.all(
    connectors.map(async ({ api }) => {
      const { connector } = await api.request<{ connector: { fingerprint: string } }>("{ connector { fingerprint } }");
      return connector.fingerprint;
    }),
  );
  for (const [index, { api, spec }] of connectors.entries()) {
    const others = fingerprints.filter((_, other) => other !== index);
    await waitFor(
      async () => {
        const { knownClusters } = await api.request<{ knownClusters: { fingerprint: string }[] }>(
          "{ knownClusters { fingerprint } }",
        );
        const known = new Set(knownClusters.map(({ fingerprint }) => fingerprint));
        return others.every((fingerprint) => known.has(fingerprint));
      },
      { what: `${spec.name} sees everybody`, timeoutMs: 30_000 },
    );
  }
}
