import { describe, expect, it } from "vitest";
import { costOf, formatMicros, formatMoney, timesUnits } from "./money.ts";

/** Intl puts a no-break space between code and amount. */
const plain = (text: string): string => text.replaceAll("\u00A0", " ");

describe("money", () => {
  it("shows every micro-unit, also of amounts that a number cannot hold", () => {
    expect(plain(formatMicros(9_007_199_254_740_993_000_001n, "EUR"))).toContain("9,007,199,254,740,993.000001");
    expect(plain(formatMicros(-1_500_000n, "EUR"))).toContain("1.50");
  });

  it("shows the usual decimals at least", () => {
    expect(plain(formatMoney(61.5, "EUR"))).toBe("EUR 61.50");
    expect(plain(formatMoney(0.045, "EUR"))).toBe("EUR 0.045");
  });

  it("multiplies without a float's error", () => {
    expect(timesUnits(0.1, 3)).toBe(0.3);
    expect(timesUnits(0.000001, 3)).toBe(0.000003);
  });

  it("counts a part of a period, rounded up to a micro-unit", () => {
    expect(costOf(0.045, 2, "hour", 3600)).toBe(90_000n);
    expect(costOf(1, 1, "month", 2_628_000)).toBe(1_000_000n);
    expect(costOf(1, 1, "day", 1)).toBe(12n);
    expect(costOf(1, 1, "day", -5)).toBe(0n);
  });
});
