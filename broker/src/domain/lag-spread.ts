/** How far those who follow are behind, in changes not sent yet. */
export interface LagSpread {
  /** How many have everything. */
  readonly current: number;
  /** How many have not. */
  readonly behind: number;
  /** Half of all are at most so far behind, and nine of ten. */
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** The spread of these distances; all zero for nobody. Percentiles by nearest rank. */
export function lagSpread(changes: readonly number[]): LagSpread {
  const sorted = [...changes].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const behind = sorted.filter((one) => one > 0).length;
  return { current: sorted.length - behind, behind, median: at(0.5), p90: at(0.9), max: at(1) };
}
