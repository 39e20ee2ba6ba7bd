import { randomUUID } from "node:crypto";
import { peekJws } from "@catalog/schema/documents/jws";
import type { Negotiation, ReserveInput } from "@catalog/schema/operations";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reserveInputOf } from "../../domain/reserve-input.js";
import { MeasuredDriver } from "../../testing/measured-driver.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { samplePool } from "../../testing/sample-pools.js";
import { TestCell } from "../../testing/test-cell.js";

const neighbours = new Map<string, TestCell>();
const nodes = new MeasuredDriver("turin");
const driverOfParis = new MeasuredDriver("paris");
let turin: TestCell;
let paris: TestCell;
let berlin: TestCell;
let offerNumber = 0;
let offerID = "";

beforeAll(async () => {
  const settings = { newIDsPerMinute: 10_000, pendingPerBuyer: 10_000, pendingSharePercent: 100_000 };
  turin = await TestCell.open({ name: "turin", neighbours, settings, driver: () => nodes });
  paris = await TestCell.open({ name: "paris", neighbours, driver: () => driverOfParis });
  berlin = await TestCell.open({ name: "berlin", neighbours });
});
afterAll(() => Promise.all([turin, paris, berlin].map((cell) => cell.close())));
beforeEach(async () => {
  turin.offsetMs = 0;
  for (const { contractID } of await held())
    await turin.ledger.terminations.terminate(contractID, { reason: null, force: false }, "admin");
  for (const { offer } of await turin.ledger.offers.list()) await turin.ledger.offers.withdraw(offer.offerID, "admin");
  nodes.failure = undefined;
  nodes.facts = { mode: "manual", version: null };
  driverOfParis.facts = { mode: "manual", version: null };
  nodes.pools = [samplePool({ cpu: "20", memory: "400Gi", "ephemeral-storage": "4000Gi", pods: "110" })];
  await turin.ledger.meter.measure();
  await turin.ledger.capacity.setPolicy(false, "admin");
  offerID = `offer-${++offerNumber}`;
});

function held(): Promise<{ contractID: string; units: string }[]> {
  return turin.query(
    `SELECT contract_id AS "contractID", request ->> 'units' AS units FROM contracts WHERE is_holding ORDER BY 1`,
  );
}

async function unitsHeld(): Promise<number> {
  return (await held()).reduce((sum, { units }) => sum + Number(units), 0);
}

async function reserve(change: Partial<ReserveInput> = {}, buyer = paris): Promise<Negotiation> {
  const { fingerprint: _, ...party } = await buyer.ledger.cluster.party();
  const id = change.offerID ?? offerID;
  const { termsRev } = await turin.ledger.offers.get(id);
  const request = {
    contractID: randomUUID(),
    offerID: id,
    planID: "small",
    units: 1,
    termsRev,
    validUntil: null,
    renews: null,
  };
  return turin.ledger.sales.reserve(buyer.caller, { ...reserveInputOf({ ...request, buyer: party }), ...change });
}

const save = (quantity: number, change: Parameters<typeof sampleOffer>[0] = {}) =>
  turin.ledger.offers.save(sampleOffer({ offerID, quantity, capacity: "MEASURED", ...change }), "admin");

async function published(id = offerID): Promise<number | undefined> {
  const { jws } = await turin.ledger.offers.get(id);
  return peekJws<{ stock: Readonly<Record<string, number>> }>(jws).payload.stock["small"];
}

async function work(): Promise<void> {
  turin.offsetMs += 2_000; // one document of an offer in a second
  for (let i = 0; i < 4; i++) await turin.work();
}

describe("a MEASURED offer", () => {
  it("is saved as far as it fits, and shows what is left", async () => {
    await expect(save(11)).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { problems: [{ path: "plans[0].planQuantity" }] },
    });
    expect((await save(10)).stock).toMatchObject([{ quantity: 10, available: 10 }]);
    expect(await published()).toBe(10);
  });

  it("never sells more than is measured, however many ask at the same time, over several offers", async () => {
    const other = `${offerID}-b`;
    await save(10);
    await save(10, { offerID: other });
    const calls = Array.from({ length: 24 }, (_, i) =>
      reserve({ offerID: i % 2 === 0 ? offerID : other, units: 1 + (i % 3) }, i % 4 < 2 ? paris : berlin),
    );
    const answers = await Promise.all(calls);
    expect(await unitsHeld()).toBe(10);
    const refused = answers.filter(({ state }) => state === "REJECTED");
    expect(refused.length).toBeGreaterThan(8);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["OUT_OF_STOCK"]));
    await turin.ledger.meter.restock();
    await work();
    expect([await published(), await published(other)]).toEqual([0, 0]);
  });

  it("has less left as soon as own pods take more, and what was promised stays", async () => {
    await save(10);
    const first = await reserve({ units: 4 });
    nodes.pools = [samplePool({ cpu: "20", memory: "400Gi", "ephemeral-storage": "4000Gi" }, { used: { cpu: "9" } })];
    await turin.ledger.meter.measure();
    await work();
    expect(await published()).toBe(1);
    expect((await turin.ledger.offers.get(offerID)).stock).toMatchObject([{ available: 1, held: 4 }]);
    expect((await reserve({ units: 2 })).message).toContain("resources for 1 more units");
    expect((await reserve({ units: 1 })).state).toBe("RESERVED");
    expect((await turin.ledger.contracts.get(first.contractID)).state).toBe("RESERVED");
  });

  it("does not count a customer's pods twice", async () => {
    await save(10);
    await reserve({ units: 4 });
    const used = { cpu: "8", memory: "16Gi" };
    const facts = { used, usedByPeers: { [paris.clusterID]: used } };
    nodes.pools = [samplePool({ cpu: "20", memory: "400Gi", "ephemeral-storage": "4000Gi" }, facts)];
    await turin.ledger.meter.measure();
    expect((await turin.ledger.offers.get(offerID)).stock).toMatchObject([{ available: 6 }]);
  });

  it("sells nothing while nobody knows what is left, says why, and goes on afterwards", async () => {
    await save(10);
    nodes.failure = new Error("the API server is away");
    await turin.ledger.meter.measure();
    expect((await reserve()).state).toBe("RESERVED"); // the last measurement is young enough
    turin.offsetMs = 121_000;
    const refused = await reserve();
    expect(refused).toMatchObject({ state: "REJECTED", code: "OUT_OF_STOCK" });
    expect(refused.message).toContain("cannot measure");
    expect(refused.message).not.toContain("API server");
    expect(await turin.ledger.capacity.policy()).toMatchObject({
      unknownBecause: "nodes and pods cannot be read: the API server is away",
    });
    await turin.ledger.meter.measure();
    await work();
    expect(await published()).toBe(0);
    await expect(save(11)).rejects.toMatchObject({ details: { problems: [{ path: "capacity" }] } });
    expect((await save(9)).stock).toMatchObject([{ available: 0 }]);
    nodes.failure = undefined;
    await turin.ledger.meter.measure();
    await work();
    expect(await published()).toBe(8);
    expect((await reserve()).state).toBe("RESERVED");
  });

  it("with approval takes what it needs when the admin approves, or goes on waiting", async () => {
    await save(10, { approval: "MANUAL" });
    const asked = await reserve({ units: 8 });
    expect(asked.state).toBe("PENDING_APPROVAL");
    nodes.pools = [samplePool({ cpu: "4", memory: "400Gi", "ephemeral-storage": "4000Gi" })];
    await turin.ledger.meter.measure();
    await expect(turin.ledger.approvals.approve(asked.contractID, "admin")).rejects.toMatchObject({
      code: "OUT_OF_STOCK",
      message: expect.stringContaining("resources for 2 more units") as string,
    });
    expect((await turin.ledger.contracts.get(asked.contractID)).state).toBe("PENDING_APPROVAL");
    await turin.ledger.approvals.reject(asked.contractID, null, "admin");
  });
});

describe("a DECLARED offer", () => {
  const declare = (quantity: number) => save(quantity, { capacity: "DECLARED" });

  it("may promise and sell more than there is, and that is shown", async () => {
    await declare(15);
    expect((await reserve({ units: 12 })).state).toBe("RESERVED");
    const [cpu] = await turin.ledger.capacity.capacity();
    expect(cpu).toMatchObject({
      resource: "cpu",
      allocatable: "20",
      used: "0",
      declared: "30",
      sold: "24",
      left: "6",
      free: "-4",
      overcommitted: "4",
      overdeclared: "10",
      pools: [{ pool: "nodes", nodes: 1, allocatable: "20", used: "0", free: "-4" }],
    });
    expect(await turin.ledger.capacity.finding()).toMatchObject({
      overcommitted: ["4 of cpu"],
      overdeclared: ["10 of cpu"],
      hasMeasuredOffers: false,
    });
  });

  it("may not where the admin refuses that; what was sold goes on", async () => {
    await declare(15);
    const first = await reserve({ units: 8 });
    await turin.ledger.capacity.setPolicy(true, "ada");
    expect(await turin.ledger.capacity.policy()).toMatchObject({ refuseBeyondCapacity: true, unknownBecause: null });
    expect((await turin.ledger.activity.list(1))[0]).toMatchObject({ actor: "ada", action: "capacity.policy" });
    expect(await reserve({ units: 3 })).toMatchObject({ state: "REJECTED", code: "OUT_OF_STOCK" });
    const answers = await Promise.all([reserve(), reserve({}, berlin), reserve(), reserve({}, berlin)]);
    expect(answers.map(({ state }) => state).sort()).toEqual(["REJECTED", "REJECTED", "RESERVED", "RESERVED"]);
    expect((await turin.ledger.contracts.get(first.contractID)).state).toBe("RESERVED");
    await expect(declare(16)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    expect((await declare(14)).stock).toMatchObject([{ quantity: 14 }]);
    await turin.ledger.capacity.setPolicy(false, "admin");
    expect((await declare(16)).stock).toMatchObject([{ quantity: 16 }]);
  });
});

describe("suggested offers", () => {
  it("are taken by saveOffer once they have a price, and are not suggested again", async () => {
    const { offers } = await turin.ledger.capacity.suggest();
    expect(offers).toHaveLength(1);
    for (const { pool: _pool, plans, ...offer } of offers) {
      const priced = plans.map((plan) => ({
        ...plan,
        planCost: 3,
        planCostCurrency: "EUR",
        planCostPeriod: "month" as const,
      }));
      const saved = await turin.ledger.offers.save({ ...offer, plans: priced }, "admin");
      expect(saved.stock.every(({ quantity, available }) => quantity === available)).toBe(true);
    }
    expect(await turin.ledger.capacity.suggest()).toMatchObject({ offers: [] });
  });
});

describe("versions of Liqo", () => {
  it("that cannot peer are refused by the customer before anything is kept or sent, and by the provider", async () => {
    await save(5);
    nodes.facts = { mode: "v1", version: "1.2.0" };
    driverOfParis.facts = { mode: "v1", version: "1.1.3" };
    expect(await reserve()).toMatchObject({ state: "REJECTED", code: "LIQO_MISMATCH" });
    await turin.ledger.cluster.refreshDescriptor();
    const input = { clusterID: turin.clusterID, offerID, planID: "small" };
    await expect(paris.ledger.purchases.buy(input, "admin")).rejects.toMatchObject({
      code: "LIQO_MISMATCH",
      message: expect.stringContaining("Liqo 1.1.3, the other one Liqo 1.2.0") as string,
    });
    expect(await paris.query("SELECT 1 FROM contracts")).toEqual([]);
    driverOfParis.facts = { mode: "manual", version: "1.1.3" };
    expect((await reserve()).state).toBe("RESERVED");
    driverOfParis.facts = { mode: "v1", version: "1.2.9" };
    expect((await paris.ledger.purchases.buy(input, "admin")).state).toBe("REQUESTED");
  });
});

describe("the end of a contract", () => {
  it("is at most ten years ahead, for the customer and for the provider", async () => {
    await save(5);
    const validUntil = Math.floor(Date.now() / 1000) + 315_360_000 + 3_600;
    await expect(reserve({ validUntil })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    const input = { clusterID: turin.clusterID, offerID, planID: "small" };
    await expect(paris.ledger.purchases.buy({ ...input, validUntil }, "admin")).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { problems: [{ path: "validUntil" }] },
    });
    expect((await reserve({ validUntil: validUntil - 7_200 })).state).toBe("RESERVED");
  });
});

it("a fingerprint that the cluster does not have is blamed, and not the cluster", async () => {
  await save(5);
  const input = { clusterID: turin.clusterID, offerID, planID: "small", fingerprint: "A".repeat(43) };
  await expect(paris.ledger.purchases.buy(input, "admin")).rejects.toMatchObject({
    code: "CLUSTER_NOT_FOUND",
    message: expect.stringContaining(`its own is ${turin.fingerprint}`) as string,
  });
});
