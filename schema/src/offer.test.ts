import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { offerFrom } from "./offer-defaults.js";
import {
  completeOfferProblems,
  OFFER_LIMITS,
  offerProblems,
  termsDiffer,
  type Offer,
  type OfferInput,
} from "./offer.js";

const PLAN = {
  planID: "small",
  planName: "Small",
  planCost: 10,
  planCostCurrency: "EUR",
  planCostPeriod: "month",
  planQuantity: 4,
  resources: { cpu: "2", ram: "4Gi" },
} as const;
const INPUT: OfferInput = { offerName: "General purpose", plans: [PLAN] };
const GIVEN = { offerID: "o1", clusterPrettyName: "Turin", created: 1_700_000_000 };
const OFFER: Offer = offerFrom(INPUT, GIVEN);

/** INPUT with one member replaced; `plan` replaces members of its plan. */
const withOffer = (change: object): unknown => ({ ...INPUT, ...change });
const withPlan = (change: object): unknown => ({ ...INPUT, plans: [{ ...PLAN, ...change }] });
const pathsOf = (input: unknown): string[] => offerProblems(input).map(({ path }) => path);

describe("offerProblems", () => {
  it("finds nothing wrong with a minimal and with a complete offer", () => {
    expect(offerProblems(INPUT)).toEqual([]);
    expect(offerProblems(OFFER)).toEqual([]);
    expect(completeOfferProblems(OFFER)).toEqual([]);
  });

  it.each([
    withOffer({ offerID: null, description: null, labels: null, status: null, approval: null, noticePeriod: null }),
    withOffer({
      offerID: "A.b_c-9",
      offerType: "gpu",
      description: "two\n\tlines",
      labels: { "example.com/zone": "" },
    }),
    withOffer({ noticePeriod: 0, minDuration: OFFER_LIMITS.durationSeconds, approval: "MANUAL", capacity: "MEASURED" }),
    withOffer({ offerName: "😀".repeat(128), unknown: 1n }),
    withPlan({ planID: null, planName: null, planCost: 0, planQuantity: 0, resources: { "nvidia.com/gpu": "1" } }),
    withPlan({ planQuantity: OFFER_LIMITS.planQuantity, planCost: 0.000001 }),
  ])("accepts %#", (input) => {
    expect(offerProblems(input)).toEqual([]);
  });

  it.each<[path: string, input: unknown]>([
    ["offerID", withOffer({ offerID: "" })],
    ["offerID", withOffer({ offerID: "-a" })],
    ["offerID", withOffer({ offerID: "a/b" })],
    ["offerID", withOffer({ offerID: "a\n" })],
    ["offerID", withOffer({ offerID: "a".repeat(64) })],
    ["offerID", withOffer({ offerID: 7 })],
    ["offerName", withOffer({ offerName: undefined })],
    ["offerName", withOffer({ offerName: " \u00a0" })],
    ["offerName", withOffer({ offerName: "x".repeat(129) })],
    ["offerName", withOffer({ offerName: "a\u0000b" })],
    ["offerName", withOffer({ offerName: "a\nb" })],
    ["offerName", withOffer({ offerName: "a\u202eb" })],
    ["offerName", withOffer({ offerName: "a\ud800b" })],
    ["offerName", withOffer({ offerName: { toString: 1 } })],
    ["offerType", withOffer({ offerType: "" })],
    ["description", withOffer({ description: "x".repeat(4097) })],
    ["description", withOffer({ description: "a\u0007" })],
    ["description", withOffer({ description: 1 })],
    ["status", withOffer({ status: "yes" })],
    ["approval", withOffer({ approval: "auto" })],
    ["capacity", withOffer({ capacity: "" })],
    ["noticePeriod", withOffer({ noticePeriod: -1 })],
    ["noticePeriod", withOffer({ noticePeriod: 1.5 })],
    ["minDuration", withOffer({ minDuration: OFFER_LIMITS.durationSeconds + 1 })],
    ["minDuration", withOffer({ minDuration: NaN })],
    ["labels", withOffer({ labels: [] })],
    ["labels", withOffer({ labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, ""])) })],
    ["labels.a b", withOffer({ labels: { "a b": "x" } })],
    ["labels.zone", withOffer({ labels: { zone: "x".repeat(257) } })],
    ["labels.zone", withOffer({ labels: { zone: 1 } })],
    ["labels.zone", withOffer({ labels: { zone: "a\u0000" } })],
    ["plans", withOffer({ plans: undefined })],
    ["plans", withOffer({ plans: [] })],
    ["plans", withOffer({ plans: { length: 1 } })],
    ["plans", withOffer({ plans: Array.from({ length: 51 }, (_, i) => ({ ...PLAN, planID: `p${i}` })) })],
    ["plans[0]", withOffer({ plans: [null] })],
    ["plans[1].planID", withOffer({ plans: [PLAN, PLAN] })],
    ["plans[0].planID", withPlan({ planID: "é" })],
    ["plans[0].planName", withPlan({ planName: "" })],
    ["plans[0].planCost", withPlan({ planCost: -1 })],
    ["plans[0].planCost", withPlan({ planCost: 0.0000001 })],
    ["plans[0].planCost", withPlan({ planCost: "10" })],
    ["plans[0].planCost", withPlan({ planCost: 10n })],
    ["plans[0].planCostCurrency", withPlan({ planCostCurrency: "eur" })],
    ["plans[0].planCostCurrency", withPlan({ planCostCurrency: ["EUR"] })],
    ["plans[0].planCostPeriod", withPlan({ planCostPeriod: "minute" })],
    ["plans[0].planQuantity", withPlan({ planQuantity: -1 })],
    ["plans[0].planQuantity", withPlan({ planQuantity: 1.5 })],
    ["plans[0].planQuantity", withPlan({ planQuantity: 1_000_001 })],
    ["plans[0].planQuantity", withPlan({ planQuantity: null })],
    ["plans[0].resources", withPlan({ resources: {} })],
    ["plans[0].resources", withPlan({ resources: null })],
    ["plans[0].resources.cpu", withPlan({ resources: { cpu: "-1" } })],
    ["plans[0].resources.memory", withPlan({ resources: { ram: "1", memory: "1" } })],
    ["plans[0].resources.cpu", withPlan({ resources: { cpu: 1 } })],
  ])("refuses %s %#", (path, input) => {
    expect(pathsOf(input)).toEqual([path]);
  });

  it("names everything that is wrong in one answer", () => {
    const input = {
      offerID: "",
      offerName: "",
      labels: { "": 1 },
      plans: [
        { ...PLAN, planCost: -1, resources: { cpu: "x", "a b": "1" } },
        { ...PLAN, planCostCurrency: "?" },
      ],
    };
    expect(pathsOf(input)).toEqual([
      "offerID",
      "offerName",
      "plans[0].planCost",
      "plans[0].resources.cpu",
      "plans[0].resources.a b",
      "plans[1].planID",
      "plans[1].planCostCurrency",
      "labels.",
      "labels.",
    ]);
  });

  it("refuses an offer whose signed document could be larger than allowed, and no smaller one", () => {
    const plans = (count: number): unknown[] =>
      Array.from({ length: count }, (_, i) => ({
        ...PLAN,
        planID: `p${i}`,
        resources: Object.fromEntries(Array.from({ length: 30 }, (_, r) => [`example.com/resource-${r}`, "1000Gi"])),
      }));
    expect(offerProblems(withOffer({ plans: plans(16) }))).toEqual([]);
    expect(pathsOf(withOffer({ plans: plans(50) }))).toEqual([""]);
  });

  it("answers an input of any type with problems, never with an error", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const input of [undefined, null, 0, "", "offer", [], () => 1, Symbol("s"), 1n]) {
      expect(offerProblems(input)).toHaveLength(1);
      expect(completeOfferProblems(input)).toHaveLength(1);
    }
    expect(offerProblems({ ...INPUT, cyclic })).toEqual([]);
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (a, b, c) => {
        expect(Array.isArray(offerProblems(a))).toBe(true);
        expect(pathsOf(withPlan({ planCost: a, planQuantity: b, resources: c })).length).toBeGreaterThanOrEqual(0);
        expect(Array.isArray(offerProblems(withOffer({ offerName: a, labels: b, plans: [c] })))).toBe(true);
      }),
    );
  });
});

describe("completeOfferProblems", () => {
  const required = [
    "offerID",
    "offerName",
    "offerType",
    "description",
    "clusterPrettyName",
    "created",
    "status",
    "plans",
  ];
  it.each([...required, "labels", "approval", "capacity"])("misses %s", (name) => {
    const paths = completeOfferProblems({ ...OFFER, [name]: undefined }).map(({ path }) => path);
    expect(paths).toEqual([name]);
  });

  it("misses ids and names of plans", () => {
    const paths = completeOfferProblems({ ...OFFER, plans: [{ ...PLAN, planID: null, planName: undefined }] });
    expect(paths.map(({ path }) => path)).toEqual(["plans[0].planID", "plans[0].planName"]);
  });
});

describe("offerFrom", () => {
  it("fills in what the admin left out", () => {
    expect(offerFrom({ offerName: "N", plans: [{ ...PLAN, planID: null, planName: null }] }, GIVEN)).toEqual({
      ...GIVEN,
      offerName: "N",
      offerType: "general",
      description: "",
      status: true,
      plans: [{ ...PLAN, planID: "plan-1", planName: "plan-1" }],
      labels: {},
      approval: "AUTO",
      capacity: "DECLARED",
      noticePeriod: null,
      minDuration: null,
    });
  });

  it("gives plans ids that no other plan has", () => {
    const plans = [
      { ...PLAN, planID: null },
      { ...PLAN, planID: "plan-1" },
      { ...PLAN, planID: null },
    ];
    expect(offerFrom({ offerName: "N", plans }, GIVEN).plans.map(({ planID }) => planID)).toEqual([
      "plan-2",
      "plan-1",
      "plan-3",
    ]);
  });

  it("keeps what the admin wrote, quantities as written", () => {
    const input = { ...INPUT, offerID: "mine", status: false, labels: { zone: "a" }, minDuration: 60 };
    const offer = offerFrom(input, GIVEN);
    expect(offer).toMatchObject(input);
    expect(offerProblems(offer)).toEqual([]);
  });
});

describe("termsDiffer", () => {
  const [plan = PLAN] = OFFER.plans;
  it.each<Partial<Offer>>([
    { status: false },
    { created: 1 },
    { clusterPrettyName: "Torino" },
    { plans: [{ ...plan, planQuantity: 99 }] },
    { plans: [{ ...plan, resources: { ram: "4Gi", cpu: "2" } }] },
    { plans: [{ ...plan, resources: { memory: "4Gi", cpu: "2" } }] },
  ])("calls %j no change of terms", (change) => {
    expect(termsDiffer(OFFER, { ...OFFER, ...change })).toBe(false);
  });

  it.each<Partial<Offer>>([
    { offerName: "x" },
    { offerType: "x" },
    { description: "x" },
    { labels: { a: "b" } },
    { approval: "MANUAL" },
    { capacity: "MEASURED" },
    { noticePeriod: 1 },
    { minDuration: 1 },
    { plans: [] },
    { plans: [{ ...plan, planCost: 11 }] },
    { plans: [{ ...plan, planCostCurrency: "USD" }] },
    { plans: [{ ...plan, planCostPeriod: "year" }] },
    { plans: [{ ...plan, planName: "x" }] },
    { plans: [{ ...plan, planID: "x" }] },
    { plans: [{ ...plan, resources: { cpu: "2", ram: "8Gi" } }] },
    { plans: [...OFFER.plans, { ...plan, planID: "second" }] },
  ])("calls %j a change of terms", (change) => {
    expect(termsDiffer(OFFER, { ...OFFER, ...change })).toBe(true);
  });

  it("does not mind the order of plans", () => {
    const plans = [plan, { ...plan, planID: "second" }];
    expect(termsDiffer({ ...OFFER, plans }, { ...OFFER, plans: plans.toReversed() })).toBe(false);
  });
});
