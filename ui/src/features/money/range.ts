import type { Figures } from "./documents.ts";

/** For how long back income and spend are shown. */
export const PERIODS = ["month", "30d", "90d", "year"] as const;
export type Period = (typeof PERIODS)[number];

/** Which time, and how it is cut. Unix seconds; all boundaries in UTC, as the server cuts. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly bucket: Figures["bucket"];
}

const DAY = 86_400;
const WEEK = 7 * DAY;
/** Unix time began on a Thursday. */
const FIRST_MONDAY = 4 * DAY;

/** The range of a period that ends with the present day. @param now Unix seconds */
export function rangeOf(period: Period, now: number): Range {
  const to = Math.floor(now / DAY) * DAY + DAY;
  const today = new Date(now * 1000);
  switch (period) {
    case "month":
      return { from: Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1) / 1000, to, bucket: "DAY" };
    case "30d":
      return { from: to - 30 * DAY, to, bucket: "DAY" };
    case "90d":
      return { from: to - 90 * DAY, to, bucket: "WEEK" };
    case "year":
      return { from: Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 11, 1) / 1000, to, bucket: "MONTH" };
  }
}

/** One bar of the chart: what one stretch of time brought and cost in one currency. */
export interface Bar {
  readonly from: number;
  readonly income: number;
  readonly spend: number;
}

/** Every bucket of a range in one currency, also those without any money, which the server leaves out. */
export function barsOf(figures: Pick<Figures, "from" | "to" | "bucket" | "series">, currency: string): readonly Bar[] {
  const known = new Map(figures.series.filter((point) => point.currency === currency).map((one) => [one.from, one]));
  const bars: Bar[] = [];
  for (let at = figures.from; at < figures.to; at = nextBoundary(at, figures.bucket)) {
    const { income = 0, spend = 0 } = known.get(at) ?? {};
    bars.push({ from: at, income, spend });
  }
  return bars;
}

/** The first boundary after `at`. */
export function nextBoundary(at: number, bucket: Range["bucket"]): number {
  if (bucket === "DAY") return (Math.floor(at / DAY) + 1) * DAY;
  if (bucket === "WEEK") return (Math.floor((at - FIRST_MONDAY) / WEEK) + 1) * WEEK + FIRST_MONDAY;
  const date = new Date(at * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 1000;
}

/** A round number not below `value`, for the top of an axis. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}
