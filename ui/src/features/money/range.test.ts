import { describe, expect, it } from "vitest";
import { barsOf, nextBoundary, PERIODS, rangeOf, roundUp } from "./range.ts";

const at = (text: string): number => Date.parse(`${text}Z`) / 1000;
const NOW = at("2026-03-18T15:30:00");

describe("the range of a period", () => {
  it("begins and ends at midnight, UTC", () => {
    expect(rangeOf("month", NOW)).toEqual({ from: at("2026-03-01T00:00"), to: at("2026-03-19T00:00"), bucket: "DAY" });
    expect(rangeOf("30d", NOW).from).toBe(at("2026-02-17T00:00"));
    expect(rangeOf("year", NOW)).toMatchObject({ from: at("2025-04-01T00:00"), bucket: "MONTH" });
  });

  it.each(PERIODS)("of %s has far fewer buckets than the server gives", (period) => {
    expect(barsOf({ ...rangeOf(period, NOW), series: [] }, "EUR").length).toBeLessThan(60);
  });
});

describe("the bars", () => {
  it("have every stretch of time, in the currency that is asked for", () => {
    const range = { from: at("2026-03-01T00:00"), to: at("2026-03-04T00:00"), bucket: "DAY" as const };
    const day = { from: at("2026-03-02T00:00"), to: at("2026-03-03T00:00") };
    const series = [
      { ...day, currency: "EUR", income: 3, spend: 1 },
      { ...day, currency: "USD", income: 9, spend: 9 },
    ];
    expect(barsOf({ ...range, series }, "EUR").map(({ income, spend }) => [income, spend])).toEqual([
      [0, 0],
      [3, 1],
      [0, 0],
    ]);
  });

  it("are cut at Mondays and at the first of a month", () => {
    expect(nextBoundary(at("2026-03-18T00:00"), "WEEK")).toBe(at("2026-03-23T00:00"));
    expect(nextBoundary(at("2026-03-23T00:00"), "WEEK")).toBe(at("2026-03-30T00:00"));
    expect(nextBoundary(at("2026-12-05T00:00"), "MONTH")).toBe(at("2027-01-01T00:00"));
  });
});

it.each([
  [0, 1],
  [0.7, 1],
  [12, 20],
  [23, 25],
  [26, 50],
  [100, 100],
])("the axis of %s ends at %s", (value, top) => {
  expect(roundUp(value)).toBeCloseTo(top);
});
