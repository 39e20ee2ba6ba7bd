import type { MonthFigures } from "./documents.ts";

const DAY = 86_400;
const UNIT = 1_000_000n;
const CENT = 10_000n;

/** The calendar month that `now` lies in, up to the end of its minute, as the server cuts time: UTC. All Unix seconds. */
export function monthUntil(now: number): { readonly from: number; readonly to: number } {
  const date = new Date(now * 1000);
  return {
    from: Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1000,
    to: (Math.floor(now / 60) + 1) * 60,
  };
}

/** What came in and went out of one currency this month. */
interface MoneyRow {
  readonly currency: string;
  /** Micro-units, as are the others. */
  readonly income: bigint;
  readonly spend: bigint;
  /** Income less spend; negative where more was spent. */
  readonly balance: bigint;
  /** Each day so far in units of the currency, from the first of the month on. */
  readonly days: readonly { readonly income: number; readonly spend: number }[];
}

/** One row per currency; the server converts nothing, nor is anything converted here. */
export function moneyRows({ totals, series }: MonthFigures, from: number, to: number): readonly MoneyRow[] {
  return totals.map(({ currency, income, spend }) => {
    const points = new Map(
      series.filter((point) => point.currency === currency).map((point) => [point.from, point] as const),
    );
    const days = Array.from({ length: Math.ceil((to - from) / DAY) }, (_, n) => points.get(from + n * DAY));
    return {
      currency,
      income: micros(income),
      spend: micros(spend),
      balance: micros(income) - micros(spend),
      days: days.map((day) => ({ income: day?.income ?? 0, spend: day?.spend ?? 0 })),
    };
  });
}

/** A sum without the decimals that nobody reads: cents from one unit on. Micro-units in and out. */
export function roundedSum(sum: bigint): bigint {
  if (sum > -UNIT && sum < UNIT) return sum;
  const half = sum < 0n ? -CENT / 2n : CENT / 2n;
  return ((sum + half) / CENT) * CENT;
}

/** A sum may be larger than any one price. */
function micros(amount: number): bigint {
  return BigInt(Math.round(amount * 1_000_000));
}
