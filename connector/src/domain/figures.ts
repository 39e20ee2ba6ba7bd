import type { ContractRole } from "@catalog/schema/contract";
import { fromMicros } from "@catalog/schema/money";
import { InputInvalidError } from "@catalog/schema/problem";

/** How time is cut; in UTC, weeks begin on Monday. */
export const FIGURE_BUCKETS = ["DAY", "WEEK", "MONTH"] as const;
export type FigureBucket = (typeof FIGURE_BUCKETS)[number];

/** Which time is asked for. Unix seconds; `to` is not part of it. */
export interface FigureRange {
  readonly from: number;
  readonly to: number;
  readonly bucket: FigureBucket;
}

/** What a contract costs while it is in force. */
export interface CostedContract {
  readonly role: ContractRole;
  /** The other party. */
  readonly fingerprint: string;
  readonly prettyName: string;
  readonly currency: string;
  /** All units together per month, in the unit of `monthlyCost`. */
  readonly monthlyCost: bigint;
  /** When it was in force, Unix seconds; until now where it still is. */
  readonly since: number;
  readonly until: number;
}

/** Money of one currency. */
export interface MoneyFigure {
  readonly currency: string;
  readonly income: number;
  readonly spend: number;
}

export interface PeerFigure extends MoneyFigure {
  readonly fingerprint: string;
  readonly prettyName: string;
}

export interface FigurePoint extends MoneyFigure {
  readonly from: number;
  readonly to: number;
}

export interface Figures extends FigureRange {
  readonly totals: readonly MoneyFigure[];
  readonly byPeer: readonly PeerFigure[];
  readonly series: readonly FigurePoint[];
}

/** The most buckets of one answer. */
export const MAX_BUCKETS = 400;

const DAY = 86_400;
const WEEK = 7 * DAY;
/** Unix time began on a Thursday. */
const FIRST_MONDAY = 4 * DAY;
/** A month of prices: a twelfth of 365 days. */
const MONTH = 2_628_000n;
/** Parts of a micro-unit that `monthlyCost` counts. */
const PARTS = 84n;

/** Sums in parts of a micro-unit times seconds of a month: exact until they are shown. */
interface Sum {
  income: bigint;
  spend: bigint;
}

/** The buckets of a range, the first and last cut to it. @throws BAD_USER_INPUT for an empty range or more than {@link MAX_BUCKETS}. */
export function bucketsOf({
  from,
  to,
  bucket,
}: FigureRange): readonly { readonly from: number; readonly to: number }[] {
  if (to <= from) throw new InputInvalidError([{ path: "to", message: "must be later than from" }]);
  const buckets: { from: number; to: number }[] = [];
  for (let at = from; at < to;) {
    if (buckets.length === MAX_BUCKETS) {
      const message = `is more than ${MAX_BUCKETS} buckets after from; take larger ones or less time`;
      throw new InputInvalidError([{ path: "to", message }]);
    }
    const end = Math.min(to, nextBoundary(at, bucket));
    buckets.push({ from: at, to: end });
    at = end;
  }
  return buckets;
}

/** Income and spend of the contracts in a range, computed second by second and rounded once, to the nearest micro-unit. */
export function figuresOf(contracts: readonly CostedContract[], range: FigureRange): Figures {
  const buckets = bucketsOf(range);
  const totals = new Map<string, Sum>();
  const peers = new Map<string, { readonly peer: CostedContract; readonly sum: Sum }>();
  const series = buckets.map(() => new Map<string, Sum>());
  for (const contract of contracts) {
    const whole = costBetween(contract, range);
    if (whole === 0n) continue;
    add(sumOf(totals, contract.currency), contract.role, whole);
    const key = `${contract.fingerprint} ${contract.currency}`;
    const known = peers.get(key) ?? { peer: contract, sum: { income: 0n, spend: 0n } };
    peers.set(key, known);
    add(known.sum, contract.role, whole);
    for (const [n, bucket] of buckets.entries()) {
      const cost = costBetween(contract, bucket);
      const sums = series[n];
      if (cost > 0n && sums !== undefined) add(sumOf(sums, contract.currency), contract.role, cost);
    }
  }
  return {
    ...range,
    totals: shownAll(totals),
    byPeer: [...peers.values()].map(({ peer, sum }) => ({
      fingerprint: peer.fingerprint,
      prettyName: peer.prettyName,
      ...shown(peer.currency, sum),
    })),
    series: buckets.flatMap((bucket, n) =>
      shownAll(series[n] ?? new Map()).map((figure) => ({ ...bucket, ...figure })),
    ),
  };
}

/** When the bucket of a moment ends. */
function nextBoundary(at: number, bucket: FigureBucket): number {
  if (bucket === "DAY") return (Math.floor(at / DAY) + 1) * DAY;
  if (bucket === "WEEK") return (Math.floor((at - FIRST_MONDAY) / WEEK) + 1) * WEEK + FIRST_MONDAY;
  const date = new Date(at * 1_000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 1_000;
}

function costBetween(
  { since, until, monthlyCost }: CostedContract,
  { from, to }: Pick<FigureRange, "from" | "to">,
): bigint {
  const seconds = Math.min(until, to) - Math.max(since, from);
  return seconds > 0 ? monthlyCost * BigInt(seconds) : 0n;
}

function add(sum: Sum, role: ContractRole, cost: bigint): void {
  if (role === "SELLER") sum.income += cost;
  else sum.spend += cost;
}

function sumOf(sums: Map<string, Sum>, currency: string): Sum {
  const sum = sums.get(currency) ?? { income: 0n, spend: 0n };
  sums.set(currency, sum);
  return sum;
}

function shownAll(sums: ReadonlyMap<string, Sum>): readonly MoneyFigure[] {
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, sum]) => shown(currency, sum));
}

function shown(currency: string, { income, spend }: Sum): MoneyFigure {
  return { currency, income: moneyOf(income), spend: moneyOf(spend) };
}

function moneyOf(parts: bigint): number {
  const unit = PARTS * MONTH;
  return fromMicros((parts + unit / 2n) / unit);
}
