import "reflect-metadata";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseFrom, readState } from "@catalog/server/testing/database-state";
import { releasedPart, releases } from "@catalog/server/testing/releases";
import type { TestDatabase } from "@catalog/server/testing/test-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS } from "./storage/migrations.js";
import { TestConnector } from "./testing/test-connector.js";

const cases = releases().flatMap((version) => [[version, "provider"] as const, [version, "customer"] as const]);

describe.each(cases)("the data of release %s, of a %s", (version, name) => {
  const released = releasedPart(version, name);
  let dataDir: string;
  let database: TestDatabase;
  let connector: TestConnector;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "catalog-released-"));
    await writeFile(join(dataDir, "identity.json"), JSON.stringify(released.identity), { mode: 0o600 });
    database = await databaseFrom(released.database, MIGRATIONS);
    connector = await TestConnector.start({ DATA_DIR: dataDir, DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await connector?.stop();
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(released.asked.map(({ query, data }) => [query, data] as const))(
    "gives the same answer: %s",
    async (query, data) => {
      expect(await connector.get(query)).toEqual(data);
    },
  );

  it("has gone through every later migration", async () => {
    const { migrations } = await readState(database.url);
    expect(migrations).toEqual(MIGRATIONS.map((migration) => migration.name));
  });
});
