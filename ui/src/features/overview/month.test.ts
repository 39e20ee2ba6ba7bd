import { expect, it } from "vitest";
import { moneyRows, monthUntil, roundedSum } from "./month.ts";

const at = (text: string): number => Date.parse(text) / 1000;

it("takes the calendar month in UTC, up to the end of this minute", () => {
  expect(monthUntil(at("2026-03-01T00:00:10Z"))).toEqual({
    from: at("2026-03-01T00:00:00Z"),
    to: at("2026-03-01T00:01:00Z"),
  });
  expect(monthUntil(at("2024-02-29T23:59:59Z")).from).toBe(at("2024-02-01T00:00:00Z"));
});

it("keeps currencies apart, says losses as such, and has a day for each day so far", () => {
  const from = at("2026-03-01T00:00:00Z");
  const rows = moneyRows(
    {
      from,
      to: from + 2.5 * 86_400,
      totals: [
        { currency: "EUR", income: 0.1, spend: 0.3 },
        { currency: "USD", income: 3_000_000_000, spend: 0 },
      ],
      series: [
        { from: from + 86_400, currency: "EUR", income: 0.1, spend: 0 },
        { from: from + 86_400, currency: "USD", income: 7, spend: 0 },
      ],
    },
    from,
    from + 2.5 * 86_400,
  );
  expect(rows).toMatchObject([
    { currency: "EUR", income: 100_000n, spend: 300_000n, balance: -200_000n },
    { currency: "USD", balance: 3_000_000_000_000_000n },
  ]);
  expect(rows[0]?.days).toEqual([
    { income: 0, spend: 0 },
    { income: 0.1, spend: 0 },
    { income: 0, spend: 0 },
  ]);
});

it("rounds a sum to cents from one unit on, and keeps what is smaller", () => {
  expect([12_345_678n, -12_345_678n, 999_999n, -1n, 0n].map(roundedSum)).toEqual([
    12_350_000n,
    -12_350_000n,
    999_999n,
    -1n,
    0n,
  ]);
});
