import "reflect-metadata";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseFrom, readState } from "@catalog/server/testing/database-state";
import { releasedPart, releases } from "@catalog/server/testing/releases";
import type { TestDatabase } from "@catalog/server/testing/test-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BROKER_MIGRATIONS } from "./storage/migrations.js";
import { startBrokerApp, type BrokerApp } from "./testing/broker-app.js";

describe.each(releases())("the data of release %s", (version) => {
  const released = releasedPart(version, "broker");
  let dataDir: string;
  let database: TestDatabase;
  let app: BrokerApp;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "catalog-released-"));
    await writeFile(join(dataDir, "identity.json"), JSON.stringify(released.identity), { mode: 0o600 });
    database = await databaseFrom(released.database, BROKER_MIGRATIONS);
    app = await startBrokerApp({ DATA_DIR: dataDir, DATABASE_URL: database.url });
    await app.broker.established;
  });
  afterAll(async () => {
    await app?.stop();
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(released.asked.map(({ query, data }) => [query, data] as const))(
    "gives the same answer: %s",
    async (query, data) => {
      expect((await app.operate(query)).data).toEqual(data);
    },
  );

  it("has gone through every later migration", async () => {
    const { migrations } = await readState(database.url);
    expect(migrations).toEqual(BROKER_MIGRATIONS.map((migration) => migration.name));
  });
});
