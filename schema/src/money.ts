import { CURRENCIES } from "./currencies.js";
import { CatalogError } from "./errors.js";

/** 10^-6 of a currency's unit. */
export type Micros = bigint;

/** What a price is paid for. */
export const COST_PERIODS = ["hour", "day", "week", "month", "year"] as const;
export type CostPeriod = (typeof COST_PERIODS)[number];

/** A number is not a price. */
export class MoneyInvalidError extends CatalogError {
  constructor(cost: number, reason: string) {
    super("MONEY_INVALID", `${cost} is not a valid price: ${reason}.`, { cost: String(cost) });
  }
}

/** The largest price, in units of its currency. */
export const MAX_COST = 1_000_000_000;

const DECIMALS = 6;
const MICROS = 1_000_000;
const DECIMAL_FORM = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/**
 * Reads a price exactly as it was written in JSON: the shortest decimal form of the number is taken, not its binary value.
 * @throws {@link MoneyInvalidError} if not finite, negative, above {@link MAX_COST} or with more than 6 decimals.
 */
export function toMicros(cost: number): Micros {
  if (!Number.isFinite(cost)) throw new MoneyInvalidError(cost, "it is not a finite number");
  if (cost < 0) throw new MoneyInvalidError(cost, "it is negative");
  if (cost > MAX_COST) throw new MoneyInvalidError(cost, `it is above ${MAX_COST}`);
  const [, whole = "", fraction = "", exponent = "0"] = DECIMAL_FORM.exec(String(cost)) ?? [];
  const shift = DECIMALS - fraction.length + Number(exponent);
  if (shift < 0) throw new MoneyInvalidError(cost, `it has more than ${DECIMALS} decimals`);
  return BigInt(whole + fraction) * 10n ** BigInt(shift);
}

/** The JSON number of a price; exact for everything that {@link toMicros} gives. */
export function fromMicros(micros: Micros): number {
  return Number(micros) / MICROS;
}

/** 84 × the number of periods in a month of 730 hours, 365/12 days, 365/84 weeks: the smallest factor that keeps all exact. */
const MONTHLY_FACTOR: Readonly<Record<CostPeriod, bigint>> = {
  hour: 730n * 84n,
  day: 365n * 7n,
  week: 365n,
  month: 84n,
  year: 7n,
};

/** Exact monthly cost in 1/84 micro-units: an integer for sorting and filters only, never shown or charged. */
export function monthlyCost(cost: Micros, period: CostPeriod): bigint {
  return cost * MONTHLY_FACTOR[period];
}

/** Whether `period` is one of {@link COST_PERIODS}. */
export function isCostPeriod(period: unknown): period is CostPeriod {
  return COST_PERIODS.some((known) => known === period);
}

/** Whether `code` is the code of a currency in use, in capital letters (ISO 4217, without funds, metals and test codes). */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}
