const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_628_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "5 min. ago", "in 3 days". @param at Unix seconds @param now Unix seconds */
export function relativeTime(at: number, now: number): string {
  const difference = at - now;
  for (const [unit, seconds] of UNITS) {
    if (Math.abs(difference) >= seconds) return RELATIVE.format(Math.trunc(difference / seconds), unit);
  }
  if (Math.abs(difference) < 10) return "just now";
  return RELATIVE.format(Math.trunc(difference), "second");
}

/** Date and time to the second, in the reader's zone. @param at Unix seconds */
export function exactTime(at: number): string {
  return EXACT.format(at * 1000);
}

/** The date alone. @param at Unix seconds */
export function dateOf(at: number): string {
  return DAY.format(at * 1000);
}

/** "2 h", "3 days", of a length in seconds; the largest unit that fits without a fraction worth telling. */
export function duration(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? (["second", 1] as const);
  const value = Math.floor(seconds / size);
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(value);
}
