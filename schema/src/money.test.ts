import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  COST_PERIODS,
  fromMicros,
  isCostPeriod,
  isCurrency,
  MAX_COST,
  monthlyCost,
  MoneyInvalidError,
  toMicros,
} from "./money.js";

describe("toMicros", () => {
  it.each([
    [0, 0n],
    [-0, 0n],
    [1, 1_000_000n],
    [0.1, 100_000n],
    [0.000001, 1n],
    [1e-6, 1n],
    [1.1e-5, 11n],
    [0.29, 290_000n],
    [1.005, 1_005_000n],
    [MAX_COST, 10n ** 15n],
    [999999999.999999, 999_999_999_999_999n],
  ])("reads %d", (cost, micros) => {
    expect(toMicros(cost)).toBe(micros);
  });

  it.each([
    NaN,
    Infinity,
    -Infinity,
    -1,
    -0.000001,
    1e9 + 1,
    1e21,
    1e300,
    0.0000001,
    1.0000001,
    1e-7,
    5e-324,
    0.1 + 0.2,
  ])("refuses %d", (cost) => {
    expect(() => toMicros(cost)).toThrow(MoneyInvalidError);
  });

  it("reads every price as its decimals are written in JSON, and writes it back as the same number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (micros) => {
        const text = `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, "0")}`;
        const cost = JSON.parse(text) as number;
        expect(toMicros(cost)).toBe(micros);
        expect(fromMicros(micros)).toBe(cost);
      }),
      { numRuns: 2000 },
    );
  });

  it("answers any number with an exact amount or with its own error", () => {
    fc.assert(
      fc.property(fc.double(), (cost) => {
        try {
          expect(fromMicros(toMicros(cost))).toBe(cost + 0);
        } catch (error) {
          expect(error).toBeInstanceOf(MoneyInvalidError);
        }
      }),
    );
  });
});

describe("monthlyCost", () => {
  // Months per period as a fraction, from 8760 hours, 365 days and 365/7 weeks in a year of 12 months.
  const PER_YEAR = { hour: [8760n, 1n], day: [365n, 1n], week: [365n, 7n], month: [12n, 1n], year: [1n, 1n] } as const;

  it("is 84 times the cost of a twelfth of a year, exactly", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.constantFrom(...COST_PERIODS), (cost, period) => {
        const [times, divisor] = PER_YEAR[period];
        expect(monthlyCost(cost, period) * 12n * divisor).toBe(84n * cost * times);
      }),
    );
  });

  it("makes 12 months and a year equal", () => {
    expect(monthlyCost(12_000_000n, "year")).toBe(monthlyCost(1_000_000n, "month"));
  });
});

describe("names", () => {
  it("knows currencies in use by their code in capitals", () => {
    for (const code of ["EUR", "USD", "CHF", "JPY", "XAF", "ZWG"]) expect(isCurrency(code)).toBe(true);
    for (const code of ["eur", "", "EURO", "XXX", "XTS", "XAU", "DEM", "HRK", " EUR", "EUR ", "toString"]) {
      expect(isCurrency(code)).toBe(false);
    }
  });

  it("knows the five periods", () => {
    for (const period of COST_PERIODS) expect(isCostPeriod(period)).toBe(true);
    for (const other of ["minute", "Hour", "", null, undefined, 1, {}]) expect(isCostPeriod(other)).toBe(false);
  });
});
