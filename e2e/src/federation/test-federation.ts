import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbedded } from "@catalog/server/database/embedded-postgres";
import { createLog } from "@catalog/server/log";
import { freePorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { Federation } from "../harness/federation.js";

export interface TestFederation {
  readonly federation: Federation;
  readonly postgres: EmbeddedPostgres;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts a Broker and the named Connectors on free ports over a PostgreSQL of their own with fsync on, enrolled through
 * join strings. Each test file has its own, so that it may kill whatever it likes.
 * @param env of every Connector, or of the one with that name.
 * @param beforeJoining is done when all answer and none is a member yet.
 */
export async function startFederation(
  names: readonly string[],
  env: Environment | ((name: string) => Environment) = {},
  beforeJoining: (federation: Federation) => Promise<void> = () => Promise.resolve(),
): Promise<TestFederation> {
  const dataDir = await mkdtemp(join(tmpdir(), "catalog-federation-"));
  const postgres = await startEmbedded(dataDir, { log: createLog({ name: "test", level: "error" }) });
  await Promise.all(["broker", ...names].map((name) => postgres.ensureDatabase(name)));
  const ports = await freePorts(2 + 4 * names.length);
  const take = (): number => ports.pop() ?? 0;
  const federation = await Federation.prepare({
    dataDir,
    databaseUrl: (name) => postgres.url(name),
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
  for (const { api } of connectors) {
    await waitFor(async () => {
      const { knownClusters } = await api.request<{ knownClusters: { clusterID: string }[] }>(
        "{ knownClusters { clusterID } }",
      );
      const known = new Set(knownClusters.map((cluster) => cluster.clusterID));
      return connectors.every(({ spec, api: other }) => other === api || known.has(spec.clusterID));
    });
  }
}
