import { monthlyCost, toMicros } from "@catalog/schema/money";
import { describe, expect, it } from "vitest";
import { bucketsOf, figuresOf, MAX_BUCKETS, type CostedContract } from "./figures.js";

const DAY = 86_400;
const at = (text: string): number => Date.parse(`${text}Z`) / 1_000;

const contract = (changes: Partial<CostedContract> = {}): CostedContract => ({
  role: "SELLER",
  fingerprint: "f1",
  prettyName: "Paris",
  currency: "EUR",
  monthlyCost: monthlyCost(toMicros(1), "hour"),
  since: at("2026-01-01T00:00"),
  until: at("2026-03-01T00:00"),
  ...changes,
});

describe("buckets", () => {
  it("follow the calendar in UTC, cut to the range", () => {
    const of = (from: string, to: string, bucket: "DAY" | "WEEK" | "MONTH") =>
      bucketsOf({ from: at(from), to: at(to), bucket }).map((one) =>
        new Date(one.to * 1_000).toISOString().slice(0, 16),
      );
    expect(of("2026-01-30T12:00", "2026-03-02T00:00", "MONTH")).toEqual([
      "2026-02-01T00:00",
      "2026-03-01T00:00",
      "2026-03-02T00:00",
    ]);
    expect(of("2026-02-27T23:00", "2026-03-01T01:00", "DAY")).toEqual([
      "2026-02-28T00:00",
      "2026-03-01T00:00",
      "2026-03-01T01:00",
    ]);
    expect(of("2026-11-19T00:00", "2026-11-30T00:00", "WEEK")).toEqual(["2026-11-23T00:00", "2026-11-30T00:00"]);
    expect(of("2028-02-28T00:00", "2028-03-01T00:00", "DAY")).toEqual(["2028-02-29T00:00", "2028-03-01T00:00"]);
  });

  it("are bounded, and of some time", () => {
    const refused = expect.objectContaining({ code: "BAD_USER_INPUT" });
    expect(() => bucketsOf({ from: 5, to: 5, bucket: "DAY" })).toThrow(refused);
    expect(bucketsOf({ from: 0, to: MAX_BUCKETS * DAY, bucket: "DAY" })).toHaveLength(MAX_BUCKETS);
    expect(() => bucketsOf({ from: 0, to: MAX_BUCKETS * DAY + 1, bucket: "DAY" })).toThrow(refused);
  });
});

describe("figures", () => {
  it("are the time in force at the price, to the second", () => {
    const range = { from: at("2026-01-31T12:00"), to: at("2026-02-02T00:00"), bucket: "DAY" } as const;
    expect(figuresOf([contract()], range)).toEqual({
      ...range,
      totals: [{ currency: "EUR", income: 36, spend: 0 }],
      byPeer: [{ fingerprint: "f1", prettyName: "Paris", currency: "EUR", income: 36, spend: 0 }],
      series: [
        { from: range.from, to: at("2026-02-01T00:00"), currency: "EUR", income: 12, spend: 0 },
        { from: at("2026-02-01T00:00"), to: range.to, currency: "EUR", income: 24, spend: 0 },
      ],
    });
  });

  it("keep currencies, peers and sides apart, and what costs nothing out", () => {
    const range = { from: at("2026-01-01T00:00"), to: at("2026-01-02T00:00"), bucket: "MONTH" } as const;
    const { totals, byPeer, series } = figuresOf(
      [
        contract(),
        contract({ role: "BUYER", monthlyCost: monthlyCost(toMicros(2), "day") }),
        contract({ fingerprint: "f2", prettyName: "Milan", currency: "CHF" }),
        contract({ currency: "USD", since: range.to }),
        contract({ currency: "GBP", monthlyCost: 0n }),
      ],
      range,
    );
    expect(totals).toEqual([
      { currency: "CHF", income: 24, spend: 0 },
      { currency: "EUR", income: 24, spend: 2 },
    ]);
    expect(byPeer.map(({ fingerprint, currency }) => `${fingerprint} ${currency}`)).toEqual(["f1 EUR", "f2 CHF"]);
    expect(series).toHaveLength(2);
  });

  it("round once: a thousand contracts of a third of a micro-unit are 333 micro-units", () => {
    const third = monthlyCost(toMicros(0.000001), "hour");
    const many = Array.from({ length: 1_000 }, () => contract({ monthlyCost: third, since: 0, until: 1_200 }));
    expect(figuresOf(many, { from: 0, to: DAY, bucket: "DAY" }).totals).toEqual([
      { currency: "EUR", income: 0.000333, spend: 0 },
    ]);
  });

  it("of a full month of the calendar are its days at the daily price", () => {
    const month = { from: at("2026-02-01T00:00"), to: at("2026-03-01T00:00"), bucket: "MONTH" } as const;
    const { totals } = figuresOf([contract({ monthlyCost: monthlyCost(toMicros(0.1), "day") })], month);
    expect(totals).toEqual([{ currency: "EUR", income: 2.8, spend: 0 }]);
  });
});
