import { randomBytes } from "node:crypto";
import { type EmbeddedPostgres, startEmbedded } from "@catalog/server/database/embedded-postgres";
import { ensureDatabase, withClient } from "@catalog/server/database/ensure-database";
import { createLog } from "@catalog/server/log";
import { testServerUrl } from "@catalog/server/testing/test-database";

/** The databases of one federation, by the names of its parts. */
export type TestDatabases = Pick<EmbeddedPostgres, "url" | "ensureDatabase" | "pid" | "stop">;

/** A PostgreSQL of its own in that directory, with fsync on: a test may kill it. */
export function ownDatabases(dataDir: string): Promise<TestDatabases> {
  return startEmbedded(dataDir, { log: createLog({ name: "test", level: "error" }) });
}

/** Databases of nobody else on the PostgreSQL of the whole run, which no test may kill; `stop` removes them. */
export function sharedDatabases(): TestDatabases {
  const prefix = `federation_${randomBytes(6).toString("hex")}`;
  const made = new Set<string>();
  const url = (name: string): string => {
    const target = new URL(testServerUrl());
    target.pathname = `/${prefix}_${name}`;
    return target.href;
  };
  return {
    url,
    ensureDatabase: async (name) => {
      made.add(name);
      await ensureDatabase(url(name));
      return url(name);
    },
    pid: () => undefined,
    stop: () =>
      withClient(testServerUrl(), async (client) => {
        for (const name of made) await client.query(`DROP DATABASE IF EXISTS "${prefix}_${name}" WITH (FORCE)`);
      }),
  };
}
