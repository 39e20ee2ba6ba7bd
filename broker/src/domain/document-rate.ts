/** How much of its allowance a member has left, and when that was true (ms). */
export interface Allowance {
  readonly tokens: number;
  readonly at: number;
}

/** So many at once, and so many per second after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Takes up to `wanted` from an allowance at `now` (ms): how many were granted, and what is left. */
export function take(
  before: Allowance | undefined,
  rate: Rate,
  wanted: number,
  now: number,
): { granted: number; after: Allowance } {
  const gained = before === undefined ? rate.burst : (Math.max(0, now - before.at) / 1000) * rate.perSecond;
  const tokens = Math.min(rate.burst, (before?.tokens ?? 0) + gained);
  const granted = Math.min(wanted, Math.floor(tokens));
  return { granted, after: { tokens: tokens - granted, at: now } };
}

/** Whether the allowance is whole again at `now`, so that forgetting it changes nothing. */
export function isFull(allowance: Allowance, rate: Rate, now: number): boolean {
  return allowance.tokens + (Math.max(0, now - allowance.at) / 1000) * rate.perSecond >= rate.burst;
}
