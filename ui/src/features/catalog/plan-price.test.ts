import { describe, expect, it } from "vitest";
import { cheapestOf, comparedPrice, gpuModelOf, priceFor } from "./plan-price.ts";

const plan = (planCost: number, planCostPeriod: "hour" | "day" | "week" | "month" | "year", more = {}) => ({
  planCost,
  planCostCurrency: "EUR",
  planCostPeriod,
  available: 1,
  resources: { cpu: "2", memory: "4Gi" } as Record<string, string>,
  ...more,
});

describe("a price for another period", () => {
  it("is exact where it can be, and rounded to the nearest millionth where not", () => {
    expect(priceFor(plan(0.25, "hour"), "hour")).toBe(250_000n);
    expect(priceFor(plan(0.25, "hour"), "month")).toBe(182_500_000n);
    expect(priceFor(plan(730, "month"), "hour")).toBe(1_000_000n);
    expect(priceFor(plan(365, "year"), "day")).toBe(1_000_000n);
    expect(priceFor(plan(1, "month"), "hour")).toBe(1370n);
    expect(priceFor(plan(1, "week"), "month")).toBe(4_345_238n);
  });

  it("is told to the cent where it is compared, and as it is where it was offered so", () => {
    expect(comparedPrice(plan(0.123456, "hour"), "month")).toEqual({ micros: 90_120_000n, isRounded: true });
    expect(comparedPrice(plan(0.25, "hour"), "month")).toEqual({ micros: 182_500_000n, isRounded: false });
    expect(comparedPrice(plan(0.123456, "hour"), "hour")).toEqual({ micros: 123_456n, isRounded: false });
    expect(comparedPrice(plan(1, "month"), "hour")).toEqual({ micros: 1370n, isRounded: false });
    expect(comparedPrice(plan(8, "month"), "hour")).toEqual({ micros: 11_000n, isRounded: true });
  });

  it("does not lose the last millionth of a large amount", () => {
    expect(priceFor(plan(999_999_999.999999, "hour"), "hour")).toBe(999_999_999_999_999n);
  });
});

describe("the plan that stands for an offer", () => {
  const small = plan(10, "month", { planID: "small", resources: { cpu: "1" }, available: 0 });
  const hourly = plan(0.02, "hour", { planID: "hourly" });
  const dollars = plan(1, "month", { planID: "dollars", planCostCurrency: "USD" });
  const id = (wish: Parameters<typeof cheapestOf>[1], plans = [hourly, small, dollars]) =>
    (cheapestOf(plans, wish) as { planID?: string } | undefined)?.planID;

  it("is the cheapest per month, whatever period its price is for", () => {
    expect(id({})).toBe("small");
    expect(id({ currency: "USD" })).toBe("dollars");
  });

  it("is one that gives what is looked for, and is left", () => {
    expect(id({ minResources: { cpu: "1500m" }, currency: "EUR" })).toBe("hourly");
    expect(id({ onlyAvailable: true })).toBe("hourly");
  });

  it("is any where none fits any more, and none of no plans", () => {
    expect(id({ currency: "CHF" })).toBe("small");
    expect(id({}, [])).toBeUndefined();
  });
});

it("finds the GPU model under the names that providers use", () => {
  expect(gpuModelOf({ region: "eu", gpu: "A100" })).toBe("A100");
  expect(gpuModelOf({ "gpu-model": "H100", gpu: "yes" })).toBe("H100");
  expect(gpuModelOf({ "nvidia.com/gpu.product": "L4" })).toBe("L4");
  expect(gpuModelOf({ gpuModel: "MI300X" })).toBe("MI300X");
  expect(gpuModelOf({ gpux: "no", region: "eu" })).toBeUndefined();
});
