import { isEnded } from "@catalog/schema/contract";
import { CatalogError } from "@catalog/schema/errors";
import { afterAll, describe, expect, it } from "vitest";
import type { Contract } from "../../domain/contract.js";
import { ChaosNetwork, seeded } from "../../testing/chaos-network.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { ignoreKill, ProcessKilledError, TestCell } from "../../testing/test-cell.js";

const SEEDS = (process.env["CHAOS_SEEDS"] ?? "1,2,3").split(",").map(Number);
const STEPS = Number(process.env["CHAOS_STEPS"] ?? 100);
const MOST_ROUNDS = 60;

interface World {
  readonly seller: TestCell;
  readonly buyers: readonly TestCell[];
  readonly cells: readonly TestCell[];
  readonly network: ChaosNetwork;
  readonly random: () => number;
}

const opened: TestCell[] = [];
afterAll(() => Promise.all(opened.map((cell) => cell.close())));

async function createWorld(seed: number): Promise<World> {
  const random = seeded(seed);
  const network = new ChaosNetwork(random);
  const neighbours = new Map<string, TestCell>();
  const settings = { newIDsPerMinute: 1_000, pendingPerBuyer: 100, lapseBlock: 1, lapseBlockMax: 2 };
  const open = (name: string) =>
    TestCell.open({ name, neighbours, settings, network: (_, direct) => network.wrap(direct) });
  const cells = await Promise.all(["turin", "paris", "berlin"].map(open));
  opened.push(...cells);
  const [seller, ...buyers] = cells as [TestCell, ...TestCell[]];
  await seller.ledger.offers.save(sampleOffer({ quantity: 8 }), "admin");
  await seller.ledger.offers.save(sampleOffer({ offerID: "approved", approval: "MANUAL", quantity: 6 }), "admin");
  buyers.forEach((cell, i) => (cell.offsetMs = (i === 0 ? -1 : 1) * Math.floor(random() * 200_000)));
  for (const cell of cells) {
    cell.onBoundary = () => {
      if (network.isHealed || random() > 0.015) return;
      cell.restart();
      throw new ProcessKilledError();
    };
  }
  return { seller, buyers, cells, network, random };
}

/** What may go wrong without being wrong: the process was killed, or the state did not allow what chance chose. */
function tolerated(error: unknown): void {
  if (error instanceof CatalogError) return;
  ignoreKill(error);
}

async function step(world: World): Promise<void> {
  const { seller, buyers, cells, network, random } = world;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const anyContract = async (cell: TestCell): Promise<Contract | undefined> => {
    const live = (await cell.ledger.contracts.list({ first: 200 })).filter((one) => !isEnded(one.state));
    return live.length === 0 ? undefined : pick(live);
  };
  const fate = random();
  if (fate < 0.13) {
    const validUntil =
      random() < 0.3 ? Math.floor(seller.now().getTime() / 1000) + 30 + Math.floor(random() * 600) : null;
    const offerID = random() < 0.7 ? "general" : "approved";
    await pick(buyers).ledger.purchases.buy(
      { clusterID: seller.clusterID, offerID, planID: "small", units: 1 + Math.floor(random() * 2), validUntil },
      "admin",
    );
  } else if (fate < 0.6) await pick(cells).work();
  else if (fate < 0.68) await network.deliverOne();
  else if (fate < 0.74) await pick(buyers).ledger.reconciliation.reconcile(new AbortController().signal);
  else if (fate < 0.8) await pick(cells).ledger.expiry.sweep();
  else if (fate < 0.86) {
    const ms = random() < 0.8 ? 5_000 : 130_000;
    for (const cell of cells) cell.offsetMs += ms;
  } else if (fate < 0.93) {
    const cell = pick(cells);
    const contract = await anyContract(cell);
    if (contract !== undefined)
      await cell.ledger.terminations.terminate(contract.contractID, { reason: "chance", force: true }, "admin");
  } else {
    const waiting = await seller.ledger.contracts.list({ role: "SELLER", state: "PENDING_APPROVAL", first: 50 });
    if (waiting.length === 0) return;
    const { contractID } = pick(waiting);
    if (random() < 0.75) await seller.ledger.approvals.approve(contractID, "admin");
    else await seller.ledger.approvals.reject(contractID, null, "admin");
  }
}

/** Heals the network and lets everybody work until nothing is left to do. */
async function settle({ cells, seller, buyers, network }: World): Promise<void> {
  network.isHealed = true;
  await network.deliverAll();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const cell of cells) cell.offsetMs += 20_000;
    for (const waiting of await seller.ledger.contracts.list({
      role: "SELLER",
      state: "PENDING_APPROVAL",
      first: 200,
    })) {
      await seller.ledger.approvals.reject(waiting.contractID, "closing time", "admin").catch(tolerated);
    }
    for (const cell of cells) {
      await cell.work();
      await cell.ledger.expiry.sweep();
    }
    for (const cell of buyers) await cell.ledger.reconciliation.reconcile(new AbortController().signal);
    if (await isQuiet(cells)) return;
  }
  throw new Error("the contracts did not come to rest");
}

async function isQuiet(cells: readonly TestCell[]): Promise<boolean> {
  for (const cell of cells) {
    const [left] = await cell.query<{ work: string }>("SELECT count(*) AS work FROM outbox");
    const contracts = await cell.ledger.contracts.list({ first: 200 });
    if (left?.work !== "0" || contracts.some((one) => !isEnded(one.state) && one.state !== "ACTIVE")) return false;
  }
  return true;
}

async function checkInvariants({ seller, buyers }: World): Promise<{ active: number; ended: number }> {
  const sold = await seller.ledger.contracts.list({ role: "SELLER", first: 200 });
  const holding = sold.filter((one) => one.isHolding);
  expect(holding.map((one) => one.state)).toEqual(holding.map(() => "ACTIVE"));
  for (const offerID of ["general", "approved"]) {
    const [stock] = (await seller.ledger.offers.get(offerID)).stock;
    const units = holding
      .filter((one) => one.request.offerID === offerID)
      .reduce((sum, one) => sum + one.request.units, 0);
    expect(stock?.held).toBe(units);
    expect(units).toBeLessThanOrEqual(stock?.quantity ?? 0);
  }
  let active = 0;
  let ended = 0;
  for (const buyer of buyers) {
    const bought = await buyer.ledger.contracts.list({ role: "BUYER", first: 200 });
    let cpu = 0n;
    for (const contract of bought) {
      const other = sold.find((one) => one.contractID === contract.contractID);
      if (contract.state === "ACTIVE") {
        active += 1;
        cpu += 2_000_000_000n * BigInt(contract.request.units);
        expect(other?.state).toBe("ACTIVE");
        expect(contract.documents.contract).toBe(other?.documents.contract);
        expect(contract.documents.activation).toBe(other?.documents.activation);
      } else {
        ended += 1;
        expect([contract.state, other?.state ?? "TERMINATED"].every((state) => isEnded(state))).toBe(true);
      }
    }
    const ids = new Set(bought.map((one) => one.contractID));
    const oneSided = sold.filter((one) => one.counterparty === buyer.fingerprint && !ids.has(one.contractID));
    expect(oneSided).toEqual([]);
    expect((await seller.ledger.grants.grantOf(buyer.clusterID))["cpu"]).toBe(cpu);
  }
  return { active, ended };
}

describe("negotiation over a network that loses, repeats and delays, between processes that are killed", () => {
  it.each(SEEDS)("comes to rest with both sides agreed (seed %i)", { timeout: 120_000 }, async (seed) => {
    const world = await createWorld(seed);
    for (let i = 0; i < STEPS; i++) {
      await step(world).catch(tolerated);
      const [stock] = await world.seller.query<{ held: string; quantity: string }>(
        "SELECT held, quantity FROM plan_stock WHERE offer_id = 'general'",
      );
      expect(Number(stock?.held)).toBeLessThanOrEqual(Number(stock?.quantity));
    }
    await settle(world);
    const { active, ended } = await checkInvariants(world);
    expect(active + ended).toBeGreaterThan(0);
  });
});
