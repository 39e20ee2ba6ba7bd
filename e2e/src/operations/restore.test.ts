import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackup, writeBackup } from "@catalog/server/backup/backup-file";
import { dumpDatabase, dropTables, loadDatabase } from "@catalog/server/backup/database-dump";
import { withClient } from "@catalog/server/database/ensure-database";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { availableOf, buy, contractOf, ownStockOf, saveOffer, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { catalogProgram } from "./catalog-program.js";

const PATIENCE = { timeoutMs: 60_000 };
const PASSPHRASE = { CATALOG_PASSPHRASE: "what only this test knows" };
const plans = (planQuantity: number) => [
  {
    planID: "small",
    planCost: 1,
    planCostCurrency: "EUR",
    planCostPeriod: "month",
    planQuantity,
    resources: { cpu: "1" },
  },
];
const HEADER = { part: "broker", version: "test", created: 1, fingerprint: "", migrations: [], identity: null };

let running: TestFederation;
let milan: RunningConnector;
let paris: RunningConnector;
let folder: string;

beforeAll(async () => {
  running = await startFederation(["milan", "paris"], { NEW_IDS_PER_MINUTE: "1000" });
  milan = running.federation.connector("milan");
  paris = running.federation.connector("paris");
  folder = await mkdtemp(join(tmpdir(), "catalog-restore-"));
  await offer("general");
});
afterAll(async () => {
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Milan saves an offer, and Paris sees it. */
async function offer(offerID: string, quantity = 20): Promise<void> {
  await saveOffer(milan.api, { offerID, offerName: offerID, plans: plans(quantity) });
  await isSeen(offerID, quantity);
}

const isSeen = (offerID: string, quantity: number | undefined) =>
  waitFor(async () => (await availableOf(paris.api, milan.spec.clusterID, offerID, "small")) === quantity, PATIENCE);
const order = (requestID: string) => ({
  clusterID: milan.spec.clusterID,
  offerID: "general",
  planID: "small",
  requestID,
});
const place = ({ process }: RunningConnector) => ({
  DATABASE_URL: process.options.env["DATABASE_URL"] ?? "",
  DATA_DIR: process.options.env["DATA_DIR"] ?? "",
  ...PASSPHRASE,
});

/** Empties a database whose users are gone. */
const empty = (url: string) => withClient(url, dropTables);

/** A purchase that is in force at both, once whatever was away is back. */
async function tradeGoesOn(requestID: string): Promise<string> {
  const { contractID } = await waitFor(() => buy(paris.api, order(requestID)), { ...PATIENCE, intervalMs: 300 });
  for (const side of [paris, milan])
    await waitFor(async () => (await contractOf(side.api, contractID))?.state === "ACTIVE", PATIENCE);
  return contractID;
}

describe("a Broker restored to yesterday", () => {
  /** Yesterday's tables on their old files, as a snapshot of a disk brings them back: nothing in the database itself tells. */
  async function byCopy(change: () => Promise<void>): Promise<void> {
    const { process } = running.federation.broker;
    const admin = running.postgres.url("postgres");
    await process.stop(10_000);
    await withClient(admin, (client) => client.query("CREATE DATABASE yesterday TEMPLATE broker"));
    await process.start();
    await change();
    await process.kill();
    await withClient(admin, async (client) => {
      await client.query("DROP DATABASE broker WITH (FORCE)");
      await client.query("ALTER DATABASE yesterday RENAME TO broker");
    });
    await process.start();
  }

  /** Yesterday's rows in new tables, as a dump brings them back. */
  async function byDump(change: () => Promise<void>): Promise<void> {
    const { process } = running.federation.broker;
    const file = join(folder, "broker.backup");
    const url = running.postgres.url("broker");
    await withClient(url, (client) => writeBackup(file, HEADER, dumpDatabase(client, { without: [] })));
    await change();
    await process.stop(10_000);
    await empty(url);
    await process.start();
    await process.stop(10_000);
    const { lines } = await openBackup(file);
    await withClient(url, (client) => loadDatabase(client, lines()));
    await process.start();
  }

  it.each([
    ["from a copy of its disk", byCopy, "copy"],
    ["from a dump", byDump, "dump"],
  ] as const)("%s gets everything anew from its members, who follow it on", async (_how, restored, name) => {
    await offer(`kept-${name}`);
    await offer(`withdrawn-${name}`);
    await restored(async () => {
      await offer(`made-${name}`);
      await saveOffer(milan.api, { offerID: `kept-${name}`, offerName: "Changed", plans: plans(7) });
      await isSeen(`kept-${name}`, 7);
      await milan.api.request("mutation ($id: ID!) { withdrawOffer(offerID: $id) { offerID } }", {
        id: `withdrawn-${name}`,
      });
      await isSeen(`withdrawn-${name}`, undefined);
    });
    const atBroker = async (offerID: string) =>
      availableOf(running.federation.broker.api, milan.spec.clusterID, offerID, "small");
    await waitFor(async () => (await atBroker(`made-${name}`)) === 20, PATIENCE);
    await waitFor(async () => (await atBroker(`kept-${name}`)) === 7, PATIENCE);
    await waitFor(async () => (await atBroker(`withdrawn-${name}`)) === undefined, PATIENCE);
    await offer(`after-${name}`);
    await Promise.all([isSeen(`made-${name}`, 20), isSeen(`kept-${name}`, 7), isSeen(`withdrawn-${name}`, undefined)]);
    await tradeGoesOn(`after-${name}`);
  });
});

describe("a Connector whose database and identity are lost", () => {
  it("is brought back by its backup: contracts stand, trade goes on, and what came later can be ended by its customer", async () => {
    const file = join(folder, "milan.backup");
    const before = await tradeGoesOn("before the backup");
    const saved = await catalogProgram(["backup", file], place(milan));
    expect([saved.code, saved.err]).toEqual([0, expect.stringContaining("with identity")]);
    const later = await tradeGoesOn("after the backup");
    await offer("made-later");
    await milan.process.kill();
    await rm(place(milan).DATA_DIR, { recursive: true, force: true });
    await empty(place(milan).DATABASE_URL);
    expect(await catalogProgram(["restore", file], place(milan))).toMatchObject({ code: 0 });
    await milan.process.start();
    expect((await contractOf(milan.api, before))?.state).toBe("ACTIVE");
    expect((await contractOf(paris.api, before))?.state).toBe("ACTIVE");
    await tradeGoesOn("after the restore");
    await offer("made-after-the-restore");
    // What was made after the backup is the customer's word against nothing: the customer ends it, and both are of one mind again.
    expect(await contractOf(milan.api, later)).toBeUndefined();
    expect((await terminate(paris.api, later, "lost by the provider")).state).toBe("TERMINATED");
    const sold = await ownStockOf(milan.api, "general", "small");
    expect((await terminate(paris.api, before, "done")).state).toBe("TERMINATED");
    await waitFor(async () => (await ownStockOf(milan.api, "general", "small")) === (sold ?? 0) + 1, PATIENCE);
  });

  it("does not start with another identity on that database, and says what to do", async () => {
    await milan.process.stop(10_000);
    const file = join(folder, "identity.backup");
    expect((await catalogProgram(["backup", file], place(milan))).code).toBe(0);
    await rm(join(place(milan).DATA_DIR, "identity.json"));
    milan.process.spawn();
    expect(await new Promise<string>((resolve) => milan.process.onCrash(resolve))).toBe("exit code 1");
    await rm(join(place(milan).DATA_DIR, "identity.json"));
    expect((await catalogProgram(["restore", file, "--identity-only"], place(milan))).code).toBe(0);
    await milan.process.start();
    await tradeGoesOn("with the keys back");
  });
});
