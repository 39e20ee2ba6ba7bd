import { describe, expect, it } from "vitest";
import {
  allUnits,
  endOf,
  fromLocalInput,
  lengthOf,
  type Offered,
  problemsOf,
  toLocalInput,
  totalOf,
  type Wish,
} from "./purchase-terms.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;
const offered: Offered = { available: 3, planCost: 0.123457, planCostPeriod: "hour", minDuration: 2 * DAY };
const wish = (changes: Partial<Wish> = {}): Wish => ({ units: 1, for: "30d", until: undefined, ...changes });

describe("what is wrong with a purchase", () => {
  const problems = (changes: Partial<Wish>) => problemsOf(wish(changes), offered, NOW);

  it("is nothing where the server takes it", () => {
    expect(problems({})).toEqual({});
    expect(problems({ units: 3, for: "open" })).toEqual({});
    expect(problems({ for: "date", until: NOW + 2 * DAY })).toEqual({});
  });

  it.each([
    [{ units: undefined }, "units"],
    [{ units: 0 }, "units"],
    [{ units: 1.5 }, "units"],
    [{ units: 4 }, "units"],
    [{ for: "1d" as const }, "length"],
    [{ for: "date" as const }, "length"],
    [{ for: "date" as const, until: NOW }, "length"],
    [{ for: "date" as const, until: NOW + 11 * 365 * DAY }, "length"],
  ])("names the field of %j", (changes, field) => {
    expect(Object.keys(problems(changes))).toEqual([field]);
  });
});

describe("the total", () => {
  it("is exact to the millionth, whatever the length", () => {
    expect(totalOf(offered, 3, 3600)).toBe(370_371n);
    expect(totalOf(offered, 1, 30 * DAY)).toBe(88_889_040n);
    expect(totalOf({ planCost: 10, planCostPeriod: "month" }, 2, 365 * DAY)).toBe(240_000_000n);
    expect(totalOf({ planCost: 999_999_999.999999, planCostPeriod: "day" }, 7, DAY)).toBe(6_999_999_999_999_993n);
  });

  it("counts a begun millionth", () => {
    expect(totalOf({ planCost: 0.000001, planCostPeriod: "month" }, 1, 1)).toBe(1n);
  });

  it("is the price of one period where there is no end", () => {
    expect(totalOf({ planCost: 10, planCostPeriod: "month" }, 2, null)).toBe(20_000_000n);
    expect(totalOf({ planCost: 10, planCostPeriod: "year" }, 2, null)).toBe(20_000_000n);
  });
});

it("ends when it was said to", () => {
  expect(endOf(wish({ for: "7d" }), NOW)).toBe(NOW + 7 * DAY);
  expect(endOf(wish({ for: "open" }), NOW)).toBeNull();
  expect(endOf(wish({ for: "date", until: 5 }), NOW)).toBe(5);
});

it("lasts as long as was chosen, whenever that was", () => {
  expect(lengthOf(wish({ for: "7d", until: NOW }), NOW)).toBe(7 * DAY);
  expect(lengthOf(wish({ for: "date", until: NOW + 5 }), NOW)).toBe(5);
  expect(lengthOf(wish({ for: "date", until: NOW - 5 }), NOW)).toBe(0);
  expect(lengthOf(wish({ for: "open" }), NOW)).toBeNull();
});

it("adds the units up exactly", () => {
  expect(allUnits({ cpu: "1500m", ram: "512Mi", "nvidia.com/gpu": "1" }, 3)).toEqual({
    cpu: "4500m",
    memory: "1536Mi",
    "nvidia.com/gpu": "3",
  });
});

it("reads a moment as it is shown, to the minute", () => {
  expect(fromLocalInput(toLocalInput(NOW))).toBe(NOW - (NOW % 60));
  expect(fromLocalInput("")).toBeUndefined();
  expect(toLocalInput(undefined)).toBe("");
});
