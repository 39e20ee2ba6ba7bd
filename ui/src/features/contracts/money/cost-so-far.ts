import type { CostPeriod } from "@catalog/schema/money";
import { costOf } from "../../../lib/format/money.ts";

/** What of a contract its cost depends on. Times in Unix seconds. */
export interface Costed {
  readonly units: number;
  readonly activatedAt: number | null;
  readonly endedAt: number | null;
  readonly validUntil: number | null;
  readonly money: { readonly cost: number; readonly period: CostPeriod } | null;
}

/** What a contract has cost until `now`, in micro-units: price × units × time in force. 0 before it was in force. */
export function costSoFar({ units, activatedAt, endedAt, validUntil, money }: Costed, now: number): bigint {
  if (money === null || activatedAt === null) return 0n;
  const until = Math.min(now, endedAt ?? now, validUntil ?? now);
  return costOf(money.cost, units, money.period, until - activatedAt);
}

/** What it costs if it runs to its agreed end, in micro-units; undefined if it has none or was ended before. */
export function costInAll({ units, activatedAt, endedAt, validUntil, money }: Costed): bigint | undefined {
  if (money === null || validUntil === null || activatedAt === null) return undefined;
  if (endedAt !== null && endedAt < validUntil) return undefined;
  return costOf(money.cost, units, money.period, validUntil - activatedAt);
}
