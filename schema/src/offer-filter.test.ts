import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalFilter,
  filterProblems,
  offerMatches,
  readFilter,
  searchText,
  type OfferFilter,
} from "./offer-filter.js";
import { sampleCatalogOffer as offer, samplePlan as plan } from "./testing/sample-offers.js";

const cheap = plan({ planID: "cheap", planName: "Cheap", planCost: 5, resources: { cpu: "1" } });
const large = plan({
  planID: "large",
  planName: "Large",
  planCost: 50,
  planCostCurrency: "USD",
  resources: { cpu: "8" },
});
const twoPlans = offer({ plans: [cheap, large], stock: { cheap: 0, large: 3 } });

describe("offerMatches", () => {
  it.each<OfferFilter>([
    {},
    { text: null, offerType: null, clusterIDs: null, labels: null, currency: null, maxCost: null, minResources: null },
    { text: "", labels: {}, minResources: {}, onlyAvailable: false },
  ])("asks for nothing with %j", (filter) => {
    expect(offerMatches(offer(), filter)).toBe(true);
    expect(offerMatches(offer({ status: false, stock: {} }), filter)).toBe(true);
  });

  it("finds words in any case and order, in any of the texts, but not across two of them", () => {
    const one = offer({
      offerName: "GPU nodes",
      description: "Fast",
      labels: { gpu: "A100-80GB" },
      clusterName: "TO-1",
    });
    for (const text of ["gpu", "NODES gpu", "  fast\tturin ", "a100", "to-1", "small", "gener"]) {
      expect(offerMatches(one, { text }), text).toBe(true);
    }
    for (const text of ["gpus", "gpu missing", "nodesfast", "%", "_"])
      expect(offerMatches(one, { text }), text).toBe(false);
    expect(searchText(one)).toBe(searchText(one).toLowerCase());
  });

  it("takes any of the values named for a label, and bounds a price from below", () => {
    const one = offer({ labels: { region: "eu", zone: "a" } });
    const has = (label: string, ...values: string[]) => offerMatches(one, { labelValues: [{ label, values }] });
    expect([has("region", "us", "eu"), has("region", "us"), has("gpu", ""), has("toString", "x")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const both = [
      { label: "region", values: ["eu"] },
      { label: "zone", values: ["b"] },
    ];
    expect(offerMatches(one, { labelValues: both })).toBe(false);
    const priced = offer({
      plans: one.plans.map((plan) => ({ ...plan, planCost: 12, planCostPeriod: "year" as const })),
    });
    const currency = priced.plans.map((plan) => plan.planCostCurrency).join();
    const least = (amount: number) => offerMatches(priced, { minCost: { amount, currency, period: "month" } });
    expect([least(1), least(1.000001)]).toEqual([true, false]);
  });

  it("lower-cases words and texts alike, also outside of ASCII", () => {
    expect(offerMatches(offer({ offerName: "ÉLAN ŁÓDŹ" }), { text: "élan łódź" })).toBe(true);
    expect(offerMatches(offer({ offerName: "élan" }), { text: "ÉLAN" })).toBe(true);
  });

  it("compares type, cluster and labels exactly", () => {
    const one = offer({ labels: { zone: "a", region: "eu" } });
    expect(offerMatches(one, { offerType: "general" })).toBe(true);
    expect(offerMatches(one, { offerType: "General" })).toBe(false);
    expect(offerMatches(one, { clusterIDs: ["milan", "turin"] })).toBe(true);
    expect(offerMatches(one, { clusterIDs: ["milan"] })).toBe(false);
    expect(offerMatches(one, { clusterIDs: [] })).toBe(false);
    expect(offerMatches(one, { labels: { zone: "a", region: "eu" } })).toBe(true);
    expect(offerMatches(one, { labels: { zone: "a", region: "us" } })).toBe(false);
    expect(offerMatches(one, { labels: { zone: "A" } })).toBe(false);
    expect(offerMatches(one, { labels: { toString: "" } })).toBe(false);
  });

  it("compares prices of one currency per month, exactly", () => {
    const hourly = offer({ plans: [plan({ planCost: 0.01, planCostPeriod: "hour" })] });
    const at = (amount: number, period: "hour" | "month" | "year" = "month", currency = "EUR"): OfferFilter => ({
      maxCost: { amount, currency, period },
    });
    expect(offerMatches(hourly, at(7.3))).toBe(true);
    expect(offerMatches(hourly, at(7.299999))).toBe(false);
    expect(offerMatches(hourly, at(87.6, "year"))).toBe(true);
    expect(offerMatches(hourly, at(87.599999, "year"))).toBe(false);
    expect(offerMatches(hourly, at(0.01, "hour"))).toBe(true);
    expect(offerMatches(hourly, at(1000, "month", "USD"))).toBe(false);
    expect(offerMatches(hourly, { ...at(1000), currency: "USD" })).toBe(false);
  });

  it("compares resources by value and ram as memory; what a plan lacks it has none of", () => {
    expect(offerMatches(offer(), { minResources: { cpu: "2000m", memory: "4096Mi" } })).toBe(true);
    expect(offerMatches(offer(), { minResources: { ram: "4294967297" } })).toBe(false);
    expect(offerMatches(offer(), { minResources: { "nvidia.com/gpu": "1" } })).toBe(false);
    expect(offerMatches(offer(), { minResources: { "nvidia.com/gpu": "0" } })).toBe(true);
    expect(offerMatches(offer(), { minResources: { constructor: "1" } })).toBe(false);
  });

  it("asks one and the same plan for all of its conditions", () => {
    expect(offerMatches(twoPlans, { currency: "EUR" })).toBe(true);
    expect(offerMatches(twoPlans, { minResources: { cpu: "8" } })).toBe(true);
    expect(offerMatches(twoPlans, { onlyAvailable: true })).toBe(true);
    expect(offerMatches(twoPlans, { currency: "EUR", minResources: { cpu: "8" } })).toBe(false);
    expect(offerMatches(twoPlans, { currency: "EUR", onlyAvailable: true })).toBe(false);
    expect(offerMatches(twoPlans, { currency: "USD", minResources: { cpu: "8" }, onlyAvailable: true })).toBe(true);
  });

  it("calls an offer available that is on sale and has units of some plan", () => {
    const filter = { onlyAvailable: true };
    expect(offerMatches(offer(), filter)).toBe(true);
    expect(offerMatches(offer({ status: false }), filter)).toBe(false);
    expect(offerMatches(offer({ stock: { small: 0 } }), filter)).toBe(false);
    expect(offerMatches(offer({ stock: {} }), filter)).toBe(false);
    expect(offerMatches(offer({ stock: { other: 9 } }), filter)).toBe(false);
  });
});

describe("canonicalFilter", () => {
  it.each<[OfferFilter, OfferFilter]>([
    [{}, { text: "  ", labels: {}, minResources: {}, onlyAvailable: false, currency: null }],
    [{ text: "a B" }, { text: "b  a b" }],
    [{ clusterIDs: ["a", "b"] }, { clusterIDs: ["b", "a", "b"] }],
    [{ labels: { a: "1", b: "2" } }, { labels: { b: "2", a: "1" } }],
    [{ minResources: { ram: "1Gi", cpu: "1" } }, { minResources: { cpu: "1000m", memory: "1024Mi" } }],
    [
      { maxCost: { amount: 12, currency: "EUR", period: "year" } },
      { maxCost: { amount: 1, currency: "EUR", period: "month" }, currency: "EUR" },
    ],
  ])("%j means the same as %j", (a, b) => {
    expect(canonicalFilter(a)).toBe(canonicalFilter(b));
  });

  it.each<[OfferFilter, OfferFilter]>([
    [{}, { clusterIDs: [] }],
    [{ text: "a" }, { offerType: "a" }],
    [{ labels: { a: "1" } }, { minResources: { a: "1" } }],
    [{ labels: { a: "1", b: "2" } }, { labels: { a: "2", b: "1" } }],
    [{ currency: "EUR" }, { maxCost: { amount: 1, currency: "EUR", period: "month" } }],
    [{ onlyAvailable: true }, {}],
  ])("%j does not mean the same as %j", (a, b) => {
    expect(canonicalFilter(a)).not.toBe(canonicalFilter(b));
  });

  const filters = fc.record({
    text: fc.option(fc.constantFrom("general", "Small GENERAL", "turin", "nothing")),
    clusterIDs: fc.option(fc.subarray(["turin", "milan"])),
    labels: fc.option(fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2"))),
    labelValues: fc.option(
      fc.array(
        fc.record({
          label: fc.constantFrom("a", "b"),
          values: fc.array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 3 }),
        }),
        { maxLength: 2 },
      ),
    ),
    minCost: fc.option(
      fc.record({
        amount: fc.constantFrom(1, 12),
        currency: fc.constant("EUR"),
        period: fc.constantFrom("month", "year"),
      }),
    ),
    currency: fc.option(fc.constantFrom("EUR", "USD")),
    minResources: fc.option(fc.dictionary(fc.constantFrom("cpu", "ram"), fc.constantFrom("1", "1000m", "8Gi"))),
    onlyAvailable: fc.option(fc.boolean()),
  });

  it("never gives two filters one text that some offer tells apart", () => {
    const offers = [offer(), twoPlans, offer({ labels: { a: "1", b: "2" }, clusterID: "milan" })];
    fc.assert(
      fc.property(filters, filters, (a, b) => {
        if (canonicalFilter(a) !== canonicalFilter(b)) return;
        for (const one of offers) expect(offerMatches(one, a)).toBe(offerMatches(one, b));
      }),
      { numRuns: 2000 },
    );
  });

  it("reads what SQL has to test", () => {
    const maxCost = { amount: 1, currency: "EUR", period: "year" } as const;
    expect(readFilter({ text: "A b a", maxCost, minResources: { ram: "1" } })).toEqual({
      words: ["a", "b"],
      offerType: null,
      clusterIDs: null,
      labels: [],
      labelValues: [],
      plan: {
        currencies: ["EUR"],
        maxMonthlyCost: 7_000_000n,
        minMonthlyCost: null,
        minResources: { memory: 1_000_000_000n },
        onlyAvailable: false,
      },
    });
  });
});

describe("filterProblems", () => {
  it("finds nothing wrong with a full filter, and with none", () => {
    const full: OfferFilter = {
      text: "gpu",
      offerType: "general",
      clusterIDs: ["turin"],
      labels: { "example.com/zone": "a" },
      currency: "EUR",
      labelValues: [{ label: "region", values: ["a", "b"] }],
      maxCost: { amount: 0.5, currency: "EUR", period: "hour" },
      minCost: { amount: 0, currency: "EUR", period: "hour" },
      minResources: { cpu: "1", "nvidia.com/gpu": "1" },
      onlyAvailable: true,
    };
    for (const filter of [full, {}, null, undefined]) expect(filterProblems(filter)).toEqual([]);
  });

  it("names everything that is wrong in one answer", () => {
    const filter = {
      text: "x".repeat(257),
      offerType: "",
      clusterIDs: ["ok", "not ok", 3],
      labels: { "a b": "x", zone: 1 },
      currency: "eur",
      labelValues: [{ label: "a b", values: [] }, { label: "ok", values: ["x".repeat(257)] }, 5],
      maxCost: { amount: -1, currency: "?", period: "minute" },
      minCost: 7,
      minResources: { cpu: "-1" },
      onlyAvailable: 1,
    };
    expect(filterProblems(filter).map(({ path }) => path)).toEqual([
      "text",
      "offerType",
      "clusterIDs[1]",
      "clusterIDs[2]",
      "labels.a b",
      "labels.zone",
      "currency",
      "labelValues[0].label",
      "labelValues[0].values",
      "labelValues[1].values[0]",
      "labelValues[2]",
      "maxCost.amount",
      "maxCost.currency",
      "maxCost.period",
      "minCost",
      "minResources.cpu",
      "onlyAvailable",
    ]);
  });

  it("bounds its lists and survives any type", () => {
    expect(filterProblems({ clusterIDs: Array.from({ length: 101 }, () => "a") })).toHaveLength(1);
    expect(filterProblems([])).toHaveLength(1);
    expect(filterProblems("text")).toHaveLength(1);
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (a, b) => {
        const filter = { text: a, clusterIDs: b, labels: a, maxCost: b, minResources: a, currency: b };
        expect(Array.isArray(filterProblems(filter))).toBe(true);
        if (filterProblems(filter).length === 0) expect(typeof canonicalFilter(filter as OfferFilter)).toBe("string");
      }),
    );
  });
});
