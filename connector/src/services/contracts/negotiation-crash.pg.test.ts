import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleOffer } from "../../testing/sample-offers.js";
import { ignoreKill, ProcessKilledError, TestCell } from "../../testing/test-cell.js";

const MOST_ROUNDS = 40;
/** More boundaries than a purchase has: the loop ends when one was finished without a kill. */
const MOST_BOUNDARIES = 60;

let turin: TestCell;
let paris: TestCell;

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  const settings = { newIDsPerMinute: 1_000, pendingPerBuyer: 1_000, pendingSharePercent: 1_000 };
  turin = await TestCell.open({ name: "turin", neighbours, settings });
  paris = await TestCell.open({ name: "paris", neighbours, settings });
  await turin.ledger.offers.save(sampleOffer({ quantity: 1_000 }), "admin");
});
afterAll(() => Promise.all([turin.close(), paris.close()]));

/** Lets both work until the contract has the state on both sides and everybody who has to know knows. */
async function finish(contractID: string, state: string): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await Promise.all([paris.work(), turin.work()]);
    const bought = await paris.ledger.contracts.get(contractID);
    const sold = await turin.ledger.contracts.get(contractID).catch(() => ({ state: "TERMINATED" })); // ended before it was known there
    if (bought.state === state && sold.state === state && bought.isToldOfEnd) return;
    for (const cell of [paris, turin]) cell.offsetMs += 2_000;
  }
  throw new Error(`contract ${contractID} did not become ${state}`);
}

/** Kills the process of the cell at its n-th boundary of a transaction, once. Returns whether that has happened. */
function killAt(cell: TestCell, boundary: number): () => boolean {
  let count = 0;
  let isKilled = false;
  cell.onBoundary = () => {
    if (isKilled || count++ !== boundary) return;
    isKilled = true;
    cell.restart();
    throw new ProcessKilledError();
  };
  return () => {
    cell.onBoundary = () => undefined;
    return isKilled;
  };
}

describe.each(["customer", "provider"])(
  "the process of the %s killed before and after each of its transactions",
  (side) => {
    it("finishes the purchase, and then the termination, after a new start", { timeout: 120_000 }, async () => {
      const cell = side === "customer" ? paris : turin;
      let kills = 0;
      for (let boundary = 0; boundary < MOST_BOUNDARIES; boundary++) {
        const requestID = `${side} ${boundary}`;
        const input = { clusterID: turin.clusterID, offerID: "general", planID: "small", requestID };
        const isKilled = killAt(cell, boundary);
        await paris.ledger.purchases.buy(input, "admin").catch(ignoreKill);
        for (let i = 0; i < 6; i++) await Promise.all([paris.work(), turin.work()]);
        const [row] = await paris.query<{ id: string }>(
          "SELECT contract_id AS id FROM contracts WHERE request_id = $1",
          [requestID],
        );
        const contractID = row?.id;
        if (contractID !== undefined) {
          await paris.ledger.terminations
            .terminate(contractID, { reason: null, force: false }, "admin")
            .catch(ignoreKill);
        }
        const wasKilled = isKilled();
        kills += wasKilled ? 1 : 0;
        const { contractID: id } = await paris.ledger.purchases.buy(input, "admin");
        if (contractID !== undefined) expect(id).toBe(contractID);
        const now = await paris.ledger.contracts.get(id);
        await finish(id, now.state === "TERMINATED" ? "TERMINATED" : "ACTIVE");
        await paris.ledger.terminations.terminate(id, { reason: null, force: false }, "admin");
        await finish(id, "TERMINATED");
        expect((await turin.ledger.offers.get("general")).stock[0]?.held).toBe(0);
        if (!wasKilled) break;
      }
      expect(kills).toBeGreaterThan(8);
      expect(kills).toBeLessThan(MOST_BOUNDARIES);
    });
  },
);
