import { type Amounts, addAmounts, amountOf } from "@catalog/schema/resource-list";

/** Labels by which nodes are told apart: what is sold under such a label comes from the pools that carry it. */
export const POOL_LABELS = ["node-pool", "instance-type", "architecture", "gpu-model"] as const;

/** Nodes that are alike, and what runs on them. Kubernetes' resource names. */
export interface NodePool {
  /** For people; different for every pool. */
  readonly name: string;
  /** {@link POOL_LABELS} as far as the nodes carry them, and `region` and `zone` where all of them agree. */
  readonly labels: Readonly<Record<string, string>>;
  /** How many nodes. */
  readonly nodes: number;
  /** What one node has, the least of each resource over the nodes that have it. */
  readonly perNode: Amounts;
  readonly allocatable: Amounts;
  /** Requests of all pods there. */
  readonly used: Amounts;
  /** The part of `used` that pods of other clusters take, by Liqo's id of the cluster. */
  readonly usedByPeers: Readonly<Record<string, Amounts>>;
}

/** What is promised to another cluster: by a contract that holds units, or by an allowance. */
export interface Commitment {
  /** Liqo's id of the other cluster. */
  readonly clusterID: string;
  /** Labels of the offer that it was bought from. */
  readonly labels: Readonly<Record<string, string>>;
  readonly amounts: Amounts;
}

/** The pools that fit every pool label among these labels; all where there is none. */
export function poolsFor(pools: readonly NodePool[], labels: Readonly<Record<string, string>>): readonly NodePool[] {
  const wanted = POOL_LABELS.filter((key) => Object.hasOwn(labels, key));
  return pools.filter((pool) => wanted.every((key) => pool.labels[key] === labels[key]));
}

/**
 * What pools have left for new contracts: allocatable, less the requests of the own pods, less for each other cluster what it was promised
 * or uses, whichever is more: what it bought and uses is counted once. Negative where more is taken than exists.
 * @param commitments those that can be met by these pools only.
 */
export function freeIn(pools: readonly NodePool[], commitments: readonly Commitment[]): Amounts {
  const promised = new Map<string, Amounts>();
  const used = new Map<string, Amounts>();
  for (const { clusterID, amounts } of commitments) addTo(promised, clusterID, amounts);
  for (const pool of pools)
    for (const [clusterID, amounts] of Object.entries(pool.usedByPeers)) addTo(used, clusterID, amounts);
  let free: Amounts = {};
  for (const pool of pools) free = subtract(addAmounts(free, pool.allocatable), pool.used);
  for (const clusterID of new Set([...promised.keys(), ...used.keys()])) {
    const uses = used.get(clusterID) ?? {};
    free = subtract(addAmounts(free, uses), largest(promised.get(clusterID) ?? {}, uses));
  }
  return free;
}

/**
 * What can still be sold of some of the pools: what they have left, or what the whole cluster has, whichever is less. Contracts whose labels
 * let them run elsewhere too count for the whole cluster only.
 */
export function roomIn(
  here: readonly NodePool[],
  pools: readonly NodePool[],
  commitments: readonly Commitment[],
): Amounts {
  const whole = freeIn(pools, commitments);
  if (here.length === pools.length) return whole;
  const inside = new Set(here);
  const bound = commitments.filter((one) => poolsFor(pools, one.labels).every((pool) => inside.has(pool)));
  const local = freeIn(here, bound);
  const names = here.flatMap(({ allocatable }) => Object.keys(allocatable));
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, least(amountOf(whole, name), amountOf(local, name))]),
  );
}

/** How many units fit into a room: zero where it lacks a resource, and for a unit of nothing as many as anybody may ask for. */
export function unitsThatFit(room: Amounts, unit: Amounts): number {
  const bounds = Object.entries(unit)
    .filter(([, amount]) => amount > 0n)
    .map(([name, amount]) => {
      const left = amountOf(room, name);
      return left <= 0n ? 0n : left / amount;
    });
  const fitting = bounds.reduce(least, BigInt(Number.MAX_SAFE_INTEGER));
  return Number(fitting);
}

/** A resource of which more is needed than the room has; undefined if there is none. */
export function lacking(room: Amounts, need: Amounts): string | undefined {
  return Object.keys(need).find((name) => amountOf(need, name) > 0n && amountOf(room, name) < amountOf(need, name));
}

/** `a` less `b`; may be negative. */
export function subtract(a: Amounts, b: Amounts): Amounts {
  return addAmounts(a, Object.fromEntries(Object.entries(b).map(([name, amount]) => [name, -amount])));
}

/** The larger amount of each resource. */
export function largest(a: Amounts, b: Amounts): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [x, y] = [amountOf(a, name), amountOf(b, name)];
      return [name, x > y ? x : y];
    }),
  );
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function addTo(sums: Map<string, Amounts>, key: string, amounts: Amounts): void {
  sums.set(key, addAmounts(sums.get(key) ?? {}, amounts));
}
