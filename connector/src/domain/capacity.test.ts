import { toAmounts } from "@catalog/schema/resource-list";
import type { Offer } from "@catalog/schema/offer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SAMPLE_OFFER } from "../testing/sample-contract.js";
import { samplePool } from "../testing/sample-pools.js";
import { boundStock, excessOf, type KnownCapacity, ledgerCapacity, roomOf } from "./capacity.js";
import { type OfferChange, promiseProblems } from "./capacity-rules.js";
import { GRANT_DEFAULTS } from "./grant.js";
import { type Commitment, freeIn, unitsThatFit } from "./node-pools.js";
import { capacityRefusal } from "./sale-capacity.js";

const N = 1_000_000_000n;

const to = (clusterID: string, amounts: Record<string, string>, labels = {}): Commitment => ({
  clusterID,
  labels,
  amounts: toAmounts(amounts),
});
const known = (change: Partial<KnownCapacity> = {}): KnownCapacity => ({
  pools: [samplePool({ cpu: "10", memory: "20Gi" })],
  commitments: [],
  resourceNames: GRANT_DEFAULTS.resourceNames,
  ...change,
});
const offerOf = (change: Partial<Offer> = {}, quantity = 4): Offer => ({
  ...SAMPLE_OFFER,
  plans: SAMPLE_OFFER.plans.map((plan) => ({ ...plan, planQuantity: quantity })),
  ...change,
});
const measured = (quantity = 4, change: Partial<Offer> = {}): Offer =>
  offerOf({ capacity: "MEASURED", ...change }, quantity);
const stock = (held: number) => [{ offerID: "general", planID: "small", quantity: 4, held, overcommitted: 0 }];

describe("what is free", () => {
  it("is what the nodes have, less the own pods, less what each peer bought or uses, whichever is more", () => {
    const pool = samplePool(
      { cpu: "20" },
      { used: { cpu: "11" }, usedByPeers: { paris: { cpu: "3" }, rome: { cpu: "5" }, oslo: { cpu: "1" } } },
    );
    const sold = [
      to("paris", { cpu: "4" }),
      to("paris", { cpu: "1" }),
      to("rome", { cpu: "2" }),
      to("bern", { cpu: "1" }),
    ];
    // 20, own pods 2, paris 5 bought, rome 5 used, oslo 1 used, bern 1 bought.
    expect(freeIn([pool], sold)).toEqual({ cpu: 6n * N });
  });

  it("is negative where more is promised than there is", () => {
    expect(freeIn([samplePool({ cpu: "1" })], [to("paris", { cpu: "3", "nvidia.com/gpu": "1" })])).toEqual({
      cpu: -2n * N,
      "nvidia.com/gpu": -N,
    });
  });

  it("is for an offer with labels what the pools that carry them have, and never more than the whole cluster", () => {
    const pools = [
      samplePool({ "nvidia.com/gpu": "4" }, { name: "a", labels: { "gpu-model": "A100" } }),
      samplePool({ "nvidia.com/gpu": "2" }, { name: "b", labels: { "gpu-model": "T4" } }),
    ];
    const room = (labels: Record<string, string>, commitments: readonly Commitment[] = []) =>
      roomOf(known({ pools, commitments }), labels)["nvidia.com/gpu"];
    expect(room({})).toBe(6n * N);
    expect(room({ "gpu-model": "A100", colour: "red" })).toBe(4n * N);
    expect(room({ "gpu-model": "T4" }, [to("paris", { "nvidia.com/gpu": "3" }, { "gpu-model": "A100" })])).toBe(2n * N);
    expect(room({ "gpu-model": "A100" }, [to("paris", { "nvidia.com/gpu": "3" }, { "gpu-model": "A100" })])).toBe(N);
    expect(room({ "gpu-model": "A100" }, [to("paris", { "nvidia.com/gpu": "5" })])).toBe(N);
    expect(room({ "gpu-model": "H100" })).toBeUndefined();
  });

  it.each([
    [{ cpu: "10" }, { cpu: "3" }, 3],
    [{ cpu: "10", memory: "1" }, { cpu: "3", memory: "1" }, 1],
    [{ cpu: "10" }, { cpu: "3", "nvidia.com/gpu": "1" }, 0],
    [{ cpu: "10" }, { cpu: "0" }, Number.MAX_SAFE_INTEGER],
  ])("in %o fit units of %o: %i", (room, unit, units) => {
    expect(unitsThatFit(toAmounts(room), toAmounts(unit))).toBe(units);
  });

  it("leaves room for exactly the units that fit, whatever was sold before", () => {
    const amount = fc.nat({ max: 50 }).map(String);
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.array(fc.tuple(fc.constantFrom("a", "b"), amount)),
        fc.integer({ min: 1, max: 9 }),
        (have, used, sold, size) => {
          const pools = [samplePool({ cpu: have }, { used: { cpu: used } })];
          const commitments = sold.map(([id, cpu]) => to(id, { cpu }));
          const units = unitsThatFit(freeIn(pools, commitments), toAmounts({ cpu: String(size) }));
          const after = freeIn(pools, [...commitments, to("c", { cpu: String(units * size) })])["cpu"] ?? 0n;
          if (units > 0) expect(after).toBeGreaterThanOrEqual(0n);
          expect(after).toBeLessThan(BigInt(size) * N);
        },
      ),
    );
  });
});

describe("what is left", () => {
  it("is what the ledger has, and of a MEASURED offer no more than fits", () => {
    expect(boundStock(offerOf({}, 9), stock(1), null)).toEqual({ small: 8 });
    expect(boundStock(measured(9), stock(1), known())).toEqual({ small: 5 });
    expect(boundStock(measured(4), stock(1), known())).toEqual({ small: 3 });
    expect(boundStock(measured(9), stock(1), null)).toEqual({ small: 0 });
    const full = known({ commitments: [to("paris", { cpu: "30" })] });
    expect(boundStock(measured(9), stock(1), full)).toEqual({ small: 0 });
  });

  it("is told beside what is declared and sold", () => {
    const own = {
      offer: offerOf(),
      rev: 1,
      termsRev: 1,
      jws: "",
      digest: "",
      isWithdrawn: false,
      signedAt: 0,
      isDeclared: false,
    };
    const held = [{ resources: { cpu: "2", ram: "4Gi" }, units: 3 }];
    expect(ledgerCapacity([own], stock(3), held, GRANT_DEFAULTS, null)).toEqual({
      declared: toAmounts({ cpu: "8", memory: "16Gi" }),
      sold: toAmounts({ cpu: "6", memory: "12Gi" }),
      left: toAmounts({ cpu: "2", memory: "4Gi" }),
    });
  });

  it("is too much where it, or what was sold already, exceeds the nodes", () => {
    const standing = known({ commitments: [to("paris", { cpu: "12", memory: "19Gi" })] });
    expect(excessOf(standing, toAmounts({ cpu: "1", memory: "2Gi" }))).toEqual({
      overcommitted: toAmounts({ cpu: "2" }),
      overdeclared: toAmounts({ cpu: "3", memory: "1Gi" }),
    });
  });
});

describe("an offer that is saved", () => {
  const change = (after: Offer, rest: Partial<OfferChange> = {}): OfferChange => ({
    before: undefined,
    after,
    others: [],
    stocks: [],
    ...rest,
  });
  const paths = (one: OfferChange, view: Partial<Parameters<typeof promiseProblems>[1]> = {}) =>
    promiseProblems(one, { known: known(), problem: "away.", isRefusing: false, ...view }).map(({ path }) => path);

  it("may be MEASURED as far as it fits", () => {
    expect(paths(change(measured(5)))).toEqual([]);
    expect(paths(change(measured(6)))).toEqual(["plans[0].planQuantity"]);
    const [problem] = promiseProblems(change(measured(6)), { known: known(), problem: "", isRefusing: false });
    expect(problem?.message).toContain("1 too many");
    expect(problem?.message).toContain("the cluster has 10 of cpu left, enough for 5");
  });

  it("counts what it has sold already as sold, not as promised once more", () => {
    const sold = known({ commitments: [to("paris", { cpu: "4", memory: "8Gi" })] });
    expect(paths(change(measured(5), { stocks: stock(2) }), { known: sold })).toEqual([]);
    expect(paths(change(measured(6), { stocks: stock(2) }), { known: sold })).toEqual(["plans[0].planQuantity"]);
  });

  it("may always promise less, or the same, although nothing is left", () => {
    const full = known({ pools: [samplePool({ cpu: "1" })] });
    const before = measured(5);
    for (const after of [measured(5, { description: "new words" }), measured(3)])
      expect(paths(change(after, { before }), { known: full })).toEqual([]);
    expect(paths(change(measured(6), { before }), { known: full })).toHaveLength(1);
    expect(paths(change(measured(5), { before: offerOf({}, 5) }), { known: full })).toHaveLength(1);
    expect(paths(change(measured(3, { labels: { "gpu-model": "T4" } }), { before }), { known: full })).toHaveLength(1);
  });

  it("is not MEASURED while nobody measures", () => {
    expect(paths(change(measured(1)), { known: null })).toEqual(["capacity"]);
    expect(paths(change(measured(0)), { known: null })).toEqual([]);
  });

  it("may declare more than there is, unless the admin refuses that", () => {
    const others = [offerOf({ offerID: "other" }, 2)];
    expect(paths(change(offerOf({}, 100)))).toEqual([]);
    expect(paths(change(offerOf({}, 3), { others }), { isRefusing: true })).toEqual([]);
    expect(paths(change(offerOf({}, 4), { others }), { isRefusing: true })).toEqual(["plans", "plans"]);
    expect(paths(change(offerOf({}, 4), { others, before: offerOf({}, 5) }), { isRefusing: true })).toEqual([]);
    expect(paths(change(offerOf({}, 1)), { isRefusing: true, known: null })).toEqual(["capacity"]);
  });
});

describe("a request", () => {
  const refusal = (units: number, offer: Offer, facts: KnownCapacity | null) => {
    const [plan] = offer.plans;
    return plan && capacityRefusal({ units }, offer, plan, facts);
  };

  it("is granted as far as it fits", () => {
    expect(refusal(5, measured(), known())).toBeUndefined();
    expect(refusal(6, measured(), known())).toMatchObject({
      code: "OUT_OF_STOCK",
      message: expect.stringContaining("for 5 more") as string,
    });
    expect(refusal(1, measured(4, { labels: { architecture: "arm64" } }), known())?.code).toBe("OUT_OF_STOCK");
    expect(refusal(1, offerOf({ labels: { architecture: "arm64" } }), known())).toBeUndefined();
  });

  it("is refused while nobody knows what is left", () => {
    expect(refusal(1, measured(), null)).toMatchObject({
      code: "OUT_OF_STOCK",
      message: expect.stringContaining("cannot measure") as string,
    });
  });
});
