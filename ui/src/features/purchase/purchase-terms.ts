import { OFFER_LIMITS } from "@catalog/schema/offer";
import { type CostPeriod, toMicros } from "@catalog/schema/money";
import { scaleAmounts, toAmounts } from "@catalog/schema/resource-list";
import { formatQuantity } from "@catalog/schema/quantity";
import { costOf } from "../../lib/format/money.ts";
import { isBytes } from "../../lib/format/quantity.ts";
import { duration } from "../../lib/format/time.ts";
import { choice, number, text } from "../../lib/routing/param.ts";

const DAY = 86_400;

/** Lengths that people choose, in seconds. */
export const LENGTHS = {
  "30d": 30 * DAY,
  "1h": 3600,
  "1d": DAY,
  "7d": 7 * DAY,
  "90d": 90 * DAY,
  "365d": 365 * DAY,
} as const;

/** A purchase as it stands in the URL of its page. */
export const PURCHASE_PARAMS = {
  plan: text(),
  units: number(),
  for: choice("30d", "1h", "1d", "7d", "90d", "365d", "open", "date"),
  /** Unix seconds: the end that was chosen by date, and the one that was reviewed. */
  until: number(),
  step: choice("terms", "review"),
  /** The key of the purchase: the same one always gives the same contract. */
  request: text(),
  /** `termsRev` of the offer as it was reviewed. */
  terms: number(),
} as const;

export interface Wish {
  readonly units: number | undefined;
  readonly for: keyof typeof LENGTHS | "open" | "date";
  readonly until: number | undefined;
}

/** What a purchase is checked against. */
export interface Offered {
  readonly available: number;
  readonly planCost: number;
  readonly planCostPeriod: CostPeriod;
  readonly minDuration: number | null;
}

/** When it ends, Unix seconds; null for one that one of the two ends; undefined where that is not said yet. */
export function endOf({ for: length, until }: Wish, now: number): number | null | undefined {
  if (length === "open") return null;
  return length === "date" ? until : now + LENGTHS[length];
}

/** What is wrong with a purchase, field by field, by the server's rules. @param now Unix seconds */
export function problemsOf(
  wish: Wish,
  { available, minDuration }: Offered,
  now: number,
): { readonly units?: string; readonly length?: string } {
  const { units } = wish;
  const end = endOf(wish, now);
  return {
    ...(units === undefined || !Number.isSafeInteger(units) || units < 1
      ? { units: "Give a whole number from 1 on." }
      : units > available
        ? { units: available === 0 ? "None is left." : `Only ${available} ${available === 1 ? "is" : "are"} left.` }
        : {}),
    ...lengthProblem(end, minDuration, now),
  };
}

function lengthProblem(end: number | null | undefined, minDuration: number | null, now: number): { length?: string } {
  if (end === null) return {};
  if (end === undefined) return { length: "Say until when." };
  if (end <= now) return { length: "This moment has passed." };
  if (end - now > OFFER_LIMITS.durationSeconds) return { length: "At most ten years ahead." };
  if (minDuration !== null && end - now < minDuration) {
    return { length: `The provider sells for ${duration(minDuration)} at least.` };
  }
  return {};
}

/** What all units cost until the end, in micro-units, rounded up; for one period where there is no end. */
export function totalOf(
  { planCost, planCostPeriod }: Pick<Offered, "planCost" | "planCostPeriod">,
  units: number,
  seconds: number | null,
): bigint {
  if (seconds !== null) return costOf(planCost, units, planCostPeriod, seconds);
  return toMicros(planCost) * BigInt(units);
}

/** How long it lasts at most, in seconds: it begins when the provider has reserved it. Null where there is no end. */
export function lengthOf({ for: length, until }: Wish, now: number): number | null {
  if (length === "open" || (length === "date" && until === undefined)) return null;
  return length === "date" ? Math.max(0, (until ?? now) - now) : LENGTHS[length];
}

/** What all units give together. */
export function allUnits(resources: Readonly<Record<string, string>>, units: number): Record<string, string> {
  const amounts = scaleAmounts(toAmounts(resources), units);
  const texts = Object.entries(amounts).map(([name, amount]) => [
    name,
    formatQuantity(amount, isBytes(name) ? "binary" : "decimal"),
  ]);
  return Object.fromEntries(texts) as Record<string, string>;
}

/** Unix seconds as `<input type="datetime-local">` writes it, in the reader's zone. */
export function toLocalInput(at: number | undefined): string {
  if (at === undefined) return "";
  const date = new Date(at * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What such a field holds, in Unix seconds; undefined for nothing. */
export function fromLocalInput(typed: string): number | undefined {
  const at = Date.parse(typed);
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}
