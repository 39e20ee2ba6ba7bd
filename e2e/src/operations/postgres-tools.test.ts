import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withClient } from "@catalog/server/database/ensure-database";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { availableOf, buy, contractOf, saveOffer, terminate } from "../federation/operations.js";
import { ownDatabases } from "../federation/test-databases.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { findTools, SystemPostgres } from "./system-postgres.js";

const PATIENCE = { timeoutMs: 60_000 };
const tools = await findTools();
const what =
  tools === undefined
    ? "PostgreSQL's own tools: skipped, initdb, pg_basebackup, pg_dump and pg_restore are not installed here"
    : `PostgreSQL's own tools (${tools})`;

let running: TestFederation;
let server: SystemPostgres;
let milan: RunningConnector;
let paris: RunningConnector;
let home: string;

describe.skipIf(tools === undefined)(what, () => {
  // The Broker and Milan are on the server that is brought back, Paris is not.
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "catalog-tools-"));
    server = await SystemPostgres.start(tools ?? "", home);
    running = await startFederation(["milan", "paris"], {}, undefined, undefined, async (dataDir) => {
      const own = await ownDatabases(dataDir);
      const isHere = (name: string) => name !== "paris";
      return {
        ...own,
        url: (name) => (isHere(name) ? server.url(name) : own.url(name)),
        ensureDatabase: async (name) => {
          if (!isHere(name)) return own.ensureDatabase(name);
          await withClient(server.url("postgres"), (client) => client.query(`CREATE DATABASE ${name}`));
          return server.url(name);
        },
      };
    });
    milan = running.federation.connector("milan");
    paris = running.federation.connector("paris");
    await offer("general");
  });
  afterAll(async () => {
    await running?.stop();
    await server?.down();
    await rm(home, { recursive: true, force: true });
  });

  async function offer(offerID: string): Promise<void> {
    const terms = {
      planCost: 1,
      planCostCurrency: "EUR",
      planCostPeriod: "month",
      planQuantity: 9,
      resources: { cpu: "1" },
    };
    await saveOffer(milan.api, { offerID, offerName: offerID, plans: [{ planID: "small", ...terms }] });
    await isSeen(offerID);
  }
  const isSeen = (offerID: string) =>
    waitFor(async () => (await availableOf(paris.api, milan.spec.clusterID, offerID, "small")) !== undefined, PATIENCE);
  const trade = async (requestID: string): Promise<string> => {
    const input = { clusterID: milan.spec.clusterID, offerID: "general", planID: "small", requestID };
    const { contractID } = await waitFor(() => buy(paris.api, input), { ...PATIENCE, intervalMs: 300 });
    for (const side of [paris, milan])
      await waitFor(async () => (await contractOf(side.api, contractID))?.state === "ACTIVE", PATIENCE);
    return contractID;
  };
  const epoch = async () =>
    (await running.federation.broker.api.request<{ feedFigures: { epoch: string } }>("{ feedFigures { epoch } }"))
      .feedFigures.epoch;

  it("pg_dump and pg_restore: the Broker of yesterday gets everything anew, the Connector keeps its contracts", async () => {
    const contractID = await trade("before the dump");
    const before = await epoch();
    const { broker } = running.federation;
    await server.dumpAndRestore("broker", async () => {
      await offer("made-after-the-dump");
      await broker.process.stop();
    });
    await broker.process.start();
    expect(await epoch()).not.toBe(before);
    await server.dumpAndRestore("milan", () => milan.process.stop());
    await milan.process.start();
    expect((await contractOf(milan.api, contractID))?.state).toBe("ACTIVE");
    await waitFor(
      async () => (await availableOf(broker.api, milan.spec.clusterID, "made-after-the-dump", "small")) === 9,
      PATIENCE,
    );
    await trade("after the restore");
    await offer("after-the-restore");
  });

  it("point-in-time recovery: both go on from that moment, and nothing that was lost stays one-sided", async () => {
    await server.baseBackup();
    const contractID = await trade("before the moment");
    await offer("before-the-moment");
    const before = await epoch();
    const moment = await server.moment();
    await offer("after-the-moment");
    const lost = await trade("after the moment");
    await Promise.all([running.federation.broker.process.stop(), milan.process.stop()]);
    await server.recover(moment);
    await Promise.all([running.federation.broker.process.start(), milan.process.start()]);
    expect(await epoch()).not.toBe(before);
    expect((await contractOf(milan.api, contractID))?.state).toBe("ACTIVE");
    expect(await contractOf(milan.api, lost)).toBeUndefined();
    expect((await terminate(paris.api, lost, "lost by the provider")).state).toBe("TERMINATED");
    await trade("after the recovery");
    await offer("after-the-recovery");
    await isSeen("before-the-moment");
    await waitFor(
      async () => (await availableOf(paris.api, milan.spec.clusterID, "after-the-moment", "small")) === undefined,
      PATIENCE,
    );
  });
});
