import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { RunningConnector } from "../harness/federation.js";
import { ResourceReader } from "../harness/resource-reader.js";
import {
  availableOf,
  buy,
  type ContractView,
  contractOf,
  contractsOf,
  ownStockOf,
  saveOffer,
  terminate,
} from "./operations.js";
import { startFederation, type TestFederation } from "./test-federation.js";

const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 1,
      planCostCurrency: "EUR",
      planCostPeriod: "month",
      planQuantity: 60,
      resources: { cpu: "1" },
    },
  ],
};
const PATIENCE = { timeoutMs: 60_000 };
/** Moments of a purchase at which a part is killed, in milliseconds after it was asked for. */
const KILL_AFTER_MS = [0, 15, 40, 80, 150];

let running: TestFederation;
let milan: RunningConnector;
let paris: RunningConnector;

beforeAll(async () => {
  // More purchases a minute than a seller usually allows one buyer.
  running = await startFederation(["milan", "paris"], { NEW_IDS_PER_MINUTE: "1000" });
  milan = running.federation.connector("milan");
  paris = running.federation.connector("paris");
  await saveOffer(milan.api, OFFER);
  await waitFor(async () => (await availableOf(paris.api, milan.spec.clusterID, "general", "small")) === 60);
});
afterAll(async () => {
  await running?.stop();
});

const order = (requestID: string) => ({
  clusterID: milan.spec.clusterID,
  offerID: "general",
  planID: "small",
  requestID,
});

/** Asks until an answer comes: a buyer that crashed while answering has kept the intent or has never had it. */
async function buyWhateverHappens(requestID: string): Promise<ContractView> {
  return waitFor(() => buy(paris.api, order(requestID)), { ...PATIENCE, intervalMs: 200 });
}

/** Both sides hold the same active contract, byte for byte. */
async function isActiveOnBothSides(contractID: string): Promise<void> {
  await waitFor(async () => (await contractOf(paris.api, contractID))?.state === "ACTIVE", PATIENCE);
  const [bought, sold] = [await contractOf(paris.api, contractID), await contractOf(milan.api, contractID)];
  expect(sold).toMatchObject({ state: "ACTIVE", contract: bought?.contract, activation: bought?.activation });
}

/** Stock held is the sum of what is live, on the seller's books and in what Liqo is told. */
async function booksBalance(): Promise<void> {
  const live = (await contractsOf(milan.api)).filter((contract) => contract.state === "ACTIVE");
  const units = live.reduce((sum, contract) => sum + contract.units, 0);
  expect(await ownStockOf(milan.api, "general", "small")).toBe(60 - units);
  const reader = new ResourceReader(milan.grpc);
  const granted = await waitFor(() => reader.read(paris.spec.clusterID));
  expect(granted["cpu"]).toBe(String(units));
  reader.close();
}

describe("with the Broker killed", () => {
  it("a customer still buys, and nobody has lost anything when the Broker is back", async () => {
    await running.federation.broker.process.kill();
    const bought = await buy(paris.api, order("without-broker"));
    expect(bought.state).toBe("ACTIVE");
    await saveOffer(milan.api, { ...OFFER, offerID: "meanwhile", offerName: "Saved meanwhile" });
    await running.federation.broker.process.start();
    await waitFor(
      async () => (await availableOf(paris.api, milan.spec.clusterID, "meanwhile", "small")) === 60,
      PATIENCE,
    );
    await waitFor(
      async () => (await availableOf(paris.api, milan.spec.clusterID, "general", "small")) === 59,
      PATIENCE,
    );
    await isActiveOnBothSides(bought.contractID);
    await booksBalance();
  });
});

describe.each(["milan", "paris"])("with %s killed in the middle of a purchase", (name) => {
  it.each(KILL_AFTER_MS)("%i ms after it began, it resumes and finishes", async (ms) => {
    const { process } = running.federation.connector(name);
    const requestID = `${name}-killed-after-${ms}`;
    const attempt = buy(paris.api, order(requestID)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await process.kill();
    await process.start();
    await attempt;
    const { contractID } = await buyWhateverHappens(requestID);
    await isActiveOnBothSides(contractID);
    await booksBalance();
  });
});

describe("with PostgreSQL killed in the middle of purchases", () => {
  it.each(KILL_AFTER_MS)("%i ms after they began, they finish by themselves", async (ms) => {
    const pid = running.postgres.pid();
    if (pid === undefined) throw new Error("PostgreSQL is not running");
    const ids = [1, 2].map((n) => `postgres-killed-after-${ms}-${n}`);
    const attempts = ids.map((requestID) => buy(paris.api, order(requestID)).catch(() => undefined));
    await new Promise((resolve) => setTimeout(resolve, ms));
    process.kill(pid, "SIGKILL");
    await Promise.all(attempts);
    for (const requestID of ids) {
      const { contractID } = await buyWhateverHappens(requestID);
      await isActiveOnBothSides(contractID);
    }
    await booksBalance();
  });
});

describe("a termination that the other side could not hear", () => {
  it("arrives when the provider is back", async () => {
    const bought = await buyWhateverHappens("to-be-ended");
    await isActiveOnBothSides(bought.contractID);
    await milan.process.kill();
    expect((await terminate(paris.api, bought.contractID, "over")).state).toBe("TERMINATED");
    await milan.process.start();
    await waitFor(async () => (await contractOf(milan.api, bought.contractID))?.state === "TERMINATED", PATIENCE);
    await booksBalance();
  });
});
