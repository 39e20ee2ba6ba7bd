import { type CostPeriod, fromMicros, toMicros } from "@catalog/schema/money";

const formats = new Map<string, Intl.NumberFormat>();

/** Micro-units as an amount of a currency: at least its usual decimals, more where the amount has more. */
export function formatMicros(micros: bigint, currency: string): string {
  const sign = micros < 0n ? "-" : "";
  const size = micros < 0n ? -micros : micros;
  // Intl formats a decimal text exactly; a number would lose the last of large amounts' six decimals.
  const text = `${sign}${size / 1_000_000n}.${(size % 1_000_000n).toString().padStart(6, "0")}`;
  return formatOf(currency).format(text as Intl.StringNumericLiteral);
}

/** A price as the API gives it. */
export function formatMoney(amount: number, currency: string): string {
  return formatMicros(toMicros(amount), currency);
}

/** `amount × units`, exact. */
export function timesUnits(amount: number, units: number): number {
  return fromMicros(toMicros(amount) * BigInt(units));
}

/** "per hour", as it stands after a price. */
export function perPeriod(period: CostPeriod): string {
  return `per ${period}`;
}

/** Periods in seconds; a month is 730 hours, as everywhere where periods are compared. */
const PERIOD_SECONDS: Readonly<Record<CostPeriod, bigint>> = {
  hour: 3600n,
  day: 86_400n,
  week: 604_800n,
  month: 2_628_000n,
  year: 31_536_000n,
};

/** What `seconds` of a price cost, in micro-units, rounded up to the next one. */
export function costOf(amount: number, units: number, period: CostPeriod, seconds: number): bigint {
  const whole = toMicros(amount) * BigInt(units) * BigInt(Math.max(0, Math.round(seconds)));
  const length = PERIOD_SECONDS[period];
  return (whole + length - 1n) / length;
}

function formatOf(currency: string): Intl.NumberFormat {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(undefined, {
    style: "currency",
    currency,
    currencyDisplay: "code",
    maximumFractionDigits: 6,
  });
  formats.set(currency, made);
  return made;
}
