import { describe, expect, it } from "vitest";
import { cheapestPlaces, mostPlaces, resourcesOf } from "./best-of.ts";
import { buyPath, offerPath, parseRef, refText } from "./plan-ref.ts";

const plan = (planCost: number, resources: Record<string, string>, planCostCurrency = "EUR") => ({
  planCost,
  planCostCurrency,
  planCostPeriod: "day" as const,
  available: 1,
  resources,
});

describe("the name of a plan in a URL", () => {
  it("survives whatever its ids hold", () => {
    const ref = { clusterID: "a/b,c", offerID: "ü %", planID: "x=y" };
    expect(parseRef(refText(ref))).toEqual(ref);
    expect(offerPath(ref)).toBe("/catalog/a%2Fb%2Cc/%C3%BC%20%25");
    expect(buyPath(ref)).toBe("/catalog/a%2Fb%2Cc/%C3%BC%20%25/buy?plan=x%3Dy");
  });

  it.each(["", "a", "a/b", "a/b/c/d", "a//c", "%E0%A4%A/b/c"])("is not taken from %j", (text) => {
    expect(parseRef(text)).toBeUndefined();
  });
});

describe("what is best of some plans", () => {
  const plans = [plan(3, { cpu: "1500m", memory: "2Gi" }), plan(1, { cpu: "2" }), undefined, plan(1, { cpu: "2" })];

  it("is the lowest price, and most of each resource", () => {
    expect(cheapestPlaces(plans, "month")).toEqual(new Set([1, 3]));
    expect(mostPlaces(plans, "cpu")).toEqual(new Set([1, 3]));
    expect(mostPlaces(plans, "memory")).toEqual(new Set([0]));
    expect(resourcesOf(plans)).toEqual(["cpu", "memory"]);
  });

  it("is nothing where all are the same, or cannot be compared", () => {
    expect(cheapestPlaces([plan(1, {}), plan(1, {}, "USD")], "day")).toEqual(new Set());
    expect(cheapestPlaces([plan(1, {}), plan(1, {})], "day")).toEqual(new Set());
    expect(mostPlaces([plan(1, { cpu: "1" })], "cpu")).toEqual(new Set());
  });
});
