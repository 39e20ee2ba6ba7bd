import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import {
  availableOf,
  buy,
  contractsOf,
  contractOf,
  ownStockOf,
  saveOffer,
  terminate,
} from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector, RunningPart } from "../harness/federation.js";
import { ServerProcess } from "../harness/server-process.js";

/** Checkout of the earlier release, built; see run-suite.ts. */
const PREVIOUS = process.env["CATALOG_TEST_COMPAT"] ?? "";
const TODAY = fileURLToPath(new URL("../../../", import.meta.url));
const PATIENCE = { timeoutMs: 60_000 };
const STOCK = 40;

const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.045,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: STOCK,
      resources: { cpu: "1", ram: "2Gi" },
    },
  ],
};

let running: TestFederation;
let broker: RunningPart;
let turin: RunningConnector;
let milan: RunningConnector;
const upgraded: ServerProcess[] = [];

beforeAll(async () => {
  running = await startFederation(["turin", "milan"], { NEW_IDS_PER_MINUTE: "1000" }, undefined, PREVIOUS);
  broker = running.federation.broker;
  turin = running.federation.connector("turin");
  milan = running.federation.connector("milan");
  await saveOffer(turin.api, OFFER);
  await waitFor(async () => (await availableOf(milan.api, turin.spec.clusterID, "general", "small")) === STOCK);
}, 120_000);
afterAll(async () => {
  await Promise.all(upgraded.map((process) => process.stop()));
  await running?.stop();
});

/** Ends the part's earlier release and starts today's on the same data. */
async function upgrade(part: RunningPart): Promise<void> {
  const { options } = part.process;
  await part.process.stop();
  const process = new ServerProcess({ ...options, script: resolve(TODAY, options.script.slice(PREVIOUS.length + 1)) });
  upgraded.push(process);
  await process.start();
}

const order = (requestID: string) => ({
  clusterID: turin.spec.clusterID,
  offerID: "general",
  planID: "small",
  requestID,
});

/** Asks until an answer comes, as a script does whose Connector is just being upgraded. */
async function buyWhateverHappens(requestID: string): Promise<string> {
  const { contractID } = await waitFor(() => buy(milan.api, order(requestID)), { ...PATIENCE, intervalMs: 200 });
  return contractID;
}

async function isActiveOnBothSides(contractID: string): Promise<void> {
  await waitFor(async () => (await contractOf(milan.api, contractID))?.state === "ACTIVE", PATIENCE);
  const [bought, sold] = [await contractOf(milan.api, contractID), await contractOf(turin.api, contractID)];
  expect(sold).toMatchObject({ state: "ACTIVE", contract: bought?.contract, activation: bought?.activation });
}

/** Everything that clusters do with each other and with the Broker, once. */
async function trade(name: string): Promise<void> {
  await saveOffer(turin.api, { ...OFFER, offerID: name, offerName: name });
  await waitFor(async () => (await availableOf(milan.api, turin.spec.clusterID, name, "small")) === STOCK, PATIENCE);
  const kept = await buyWhateverHappens(`${name} kept`);
  const ended = await buyWhateverHappens(`${name} ended`);
  await isActiveOnBothSides(kept);
  await isActiveOnBothSides(ended);
  await terminate(milan.api, ended, "tried");
  await waitFor(async () => (await contractOf(turin.api, ended))?.state === "TERMINATED", PATIENCE);
  await booksBalance();
}

async function booksBalance(): Promise<void> {
  const [sold, bought] = [await contractsOf(turin.api), await contractsOf(milan.api)];
  const active = sold.filter(({ state }) => state === "ACTIVE").map(({ contractID }) => contractID);
  expect(bought.filter(({ state }) => state === "ACTIVE").map(({ contractID }) => contractID)).toEqual(active);
  const units = sold.filter(({ state }) => state === "ACTIVE").reduce((sum, contract) => sum + contract.units, 0);
  await waitFor(async () => (await ownStockOf(turin.api, "general", "small")) === STOCK - units, PATIENCE);
}

/** Purchases that are asked for while `work` is done; each must end active, and none may be lost. */
async function whileBuying(name: string, work: () => Promise<void>): Promise<void> {
  const bought = [0, 1, 2].map((n) => buyWhateverHappens(`${name} ${n}`));
  await work();
  for (const contractID of await Promise.all(bought)) await isActiveOnBothSides(contractID);
  await booksBalance();
}

test("a federation of the earlier release trades", () => trade("before"));

test("the Broker of today with Connectors of the earlier release", async () => {
  await whileBuying("broker", () => upgrade(broker));
  await trade("with-new-broker");
});

test("a customer of today with a provider of the earlier release", async () => {
  await whileBuying("customer", () => upgrade(milan));
  await trade("with-new-customer");
});

test("a provider of today, and nothing of what was bought before is lost", async () => {
  const before = (await contractsOf(milan.api)).filter(({ state }) => state === "ACTIVE");
  await whileBuying("provider", () => upgrade(turin));
  for (const { contractID } of before) await isActiveOnBothSides(contractID);
  await trade("everything-new");
});

test("the earlier Broker still serves beside the database of today, as a replica that is not replaced yet", async () => {
  const [today] = upgraded;
  await today?.stop();
  await broker.process.start();
  await trade("with-old-broker-again");
});
