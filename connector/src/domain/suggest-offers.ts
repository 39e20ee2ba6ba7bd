import type { Offer, OfferInput, Plan, PlanInput } from "@catalog/schema/offer";
import { UNIT } from "@catalog/schema/quantity";
import { type Amounts, amountOf, scaleAmounts } from "@catalog/schema/resource-list";
import { canonicalJson } from "./canonical-json.js";
import { amountsOf, type KnownCapacity, unsold } from "./capacity.js";
import { formatAmount } from "./format-amount.js";
import { kubernetesAmounts } from "./grant.js";
import { freeIn, type NodePool, poolsFor, roomIn, subtract, unitsThatFit } from "./node-pools.js";
import type { PlanStock } from "./own-offer.js";

/** A plan that only lacks a price. */
export interface SuggestedPlan extends Omit<PlanInput, "planCost" | "planCostCurrency" | "planCostPeriod"> {
  readonly planID: string;
  readonly planName: string;
  /** From an own plan of the same resources; null: for the admin to fill in. */
  readonly planCost: number | null;
  readonly planCostCurrency: string | null;
  readonly planCostPeriod: Plan["planCostPeriod"] | null;
}

/** An offer that saveOffer takes once its plans have prices. */
export interface SuggestedOffer extends Omit<OfferInput, "plans"> {
  /** The pool that it is made of. */
  readonly pool: string;
  readonly offerType: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity: "MEASURED";
  readonly plans: readonly SuggestedPlan[];
}

export interface OfferSuggestions {
  readonly offers: readonly SuggestedOffer[];
  /** Why there is none; null if there is one. */
  readonly reason: string | null;
}

/** Of what the nodes have, so many per cent are kept for their owner. */
const KEPT_PERCENT = 20n;
const GI = 1024n ** 3n * UNIT;
/** A pool with this much memory for a CPU is memory-heavy. */
const HEAVY_GI = 6n;

/** Sizes of plans in steps of the pool's bundle, and how much of the room each takes, in per cent. */
const SIZES = [
  { planID: "small", planName: "Small", times: 1, share: 100n },
  { planID: "medium", planName: "Medium", times: 2, share: 35n },
  { planID: "large", planName: "Large", times: 4, share: 35n },
] as const;

/**
 * Proposes an offer for each pool that has something to give: what is free, less a fifth of what its nodes have, less what own offers already
 * promise. The plans of a proposal fit together, and each unit fits on one node.
 * @param known in words why nobody can tell what is free, otherwise what there is.
 */
export function suggestOffers(
  known: KnownCapacity | string,
  own: readonly Offer[],
  stocks: readonly PlanStock[],
): OfferSuggestions {
  if (typeof known === "string") return none(`What is free in the cluster is not known: ${known}`);
  if (known.pools.length === 0) return none("No node takes new pods: all are cordoned, tainted, not ready or virtual.");
  const prices = pricesOf(own, known);
  const taken = new Set(own.map(({ offerID }) => offerID));
  let whole = usable(freeIn(known.pools, known.commitments), known.pools, restOf(own, stocks, known));
  const offers: SuggestedOffer[] = [];
  for (const pool of known.pools) {
    const inside = own.filter(({ labels }) => poolsFor(known.pools, labels).every((one) => one === pool));
    const local = usable(roomIn([pool], known.pools, known.commitments), [pool], restOf(inside, stocks, known));
    const room = Object.fromEntries(
      Object.keys(pool.allocatable).map((name) => [name, least(amountOf(local, name), amountOf(whole, name))]),
    );
    const offer = offerOf(pool, room, prices, taken);
    if (offer === undefined) continue;
    offers.push(offer);
    whole = subtract(whole, amountsOf(offer.plans.map(soldOut), known));
  }
  const nothing = "Nothing is left that is worth offering, beside a fifth of the nodes that is kept for your own pods.";
  return offers.length === 0 ? none(nothing) : { offers, reason: null };
}

function none(reason: string): OfferSuggestions {
  return { offers: [], reason };
}

/** What is free without the part that is kept and without what is promised; negative where that is more. */
function usable(free: Amounts, pools: readonly NodePool[], promised: Amounts): Amounts {
  let rest = subtract(free, promised);
  for (const { allocatable } of pools)
    rest = subtract(
      rest,
      Object.fromEntries(Object.entries(allocatable).map(([name, amount]) => [name, (amount * KEPT_PERCENT) / 100n])),
    );
  return rest;
}

function restOf(offers: readonly Offer[], stocks: readonly PlanStock[], names: KnownCapacity): Amounts {
  const units = offers.flatMap((offer) =>
    offer.plans.map((plan) => ({ resources: plan.resources, units: unsold(offer, plan, stocks) })),
  );
  return amountsOf(units, names);
}

function soldOut({ resources, planQuantity }: SuggestedPlan): { resources: Plan["resources"]; units: number } {
  return { resources, units: planQuantity };
}

interface Kind {
  readonly offerType: string;
  readonly title: string;
  readonly bundle: Amounts;
}

function offerOf(
  pool: NodePool,
  room: Amounts,
  prices: readonly Price[],
  taken: Set<string>,
): SuggestedOffer | undefined {
  const kind = kindOf(pool, room);
  if (kind === undefined) return undefined;
  const plans = plansOf(kind.bundle, room, pool.perNode).map((plan) => ({ ...plan, ...priceFor(plan, prices) }));
  if (plans.length === 0) return undefined;
  const place = [pool.labels["gpu-model"], pool.labels["zone"] ?? pool.labels["region"]].filter(
    (one) => one !== undefined,
  );
  return {
    pool: pool.name,
    offerID: freeID(`${kind.offerType}-${pool.name}`, taken),
    offerName: shortened([kind.title, ...place].join(", "), 128),
    offerType: kind.offerType,
    description: `Made from what the node pool "${shortened(pool.name, 200)}" (${pool.nodes} ${pool.nodes === 1 ? "node" : "nodes"}) has free.`,
    labels: pool.labels,
    approval: "AUTO",
    capacity: "MEASURED",
    plans,
  };
}

/** What one step of the pool's plans is: a GPU with its share of the rest, or two CPUs with memory as the nodes have it. */
function kindOf(pool: NodePool, room: Amounts): Kind | undefined {
  const gpu = Object.keys(room).find((name) => isGpu(name) && amountOf(room, name) >= UNIT);
  if (gpu !== undefined) return gpuKind(gpu, room);
  const [cpus, memory] = [amountOf(pool.allocatable, "cpu"), amountOf(pool.allocatable, "memory")];
  if (cpus === 0n || memory === 0n) return undefined;
  const perCpu = (memory * UNIT) / (cpus * GI);
  const isHeavy = perCpu >= HEAVY_GI;
  const ratio = [8n, 4n, 2n, 1n].find((one) => one <= perCpu + 1n) ?? 1n;
  const steps = [2n, 1n].map((cpu) => ({ cpu: cpu * UNIT, memory: cpu * ratio * GI }));
  const bundle = steps.find((one) => fitsOn(pool.perNode, one) && unitsThatFit(room, one) > 0);
  if (bundle === undefined) return undefined;
  return isHeavy
    ? { offerType: "memory", title: "Memory heavy", bundle }
    : { offerType: "compute", title: "General purpose", bundle };
}

function gpuKind(gpu: string, room: Amounts): Kind | undefined {
  const gpus = amountOf(room, gpu) / UNIT;
  const cpu = amountOf(room, "cpu") / gpus / UNIT;
  const memory = amountOf(room, "memory") / gpus / GI;
  if (cpu < 1n || memory < 1n) return undefined;
  return { offerType: "gpu", title: "GPU", bundle: { cpu: cpu * UNIT, memory: memory * GI, [gpu]: UNIT } };
}

/** `nvidia.com/gpu`, `amd.com/gpu`, `gpu.intel.com/i915`. */
function isGpu(name: string): boolean {
  return name.endsWith("/gpu") || name.startsWith("gpu.intel.com/");
}

/** The largest plan is given its share first, and the smallest takes what is left. */
function plansOf(
  bundle: Amounts,
  room: Amounts,
  perNode: Amounts,
): Omit<SuggestedPlan, "planCost" | "planCostCurrency" | "planCostPeriod">[] {
  let rest = unitsThatFit(room, bundle);
  const all = rest;
  const plans = [];
  for (const { planID, planName, times, share } of [...SIZES].reverse()) {
    const unit = scaleAmounts(bundle, times);
    const steps = Math.min(rest, times === 1 ? rest : Number((BigInt(all) * share) / 100n));
    const planQuantity = Math.min(Math.floor(steps / times), 1_000_000);
    if (planQuantity === 0 || !fitsOn(perNode, unit)) continue;
    rest -= planQuantity * times;
    plans.push({ planID, planName, planQuantity, resources: written(unit) });
  }
  return plans.reverse();
}

function fitsOn(node: Amounts, unit: Amounts): boolean {
  return unitsThatFit(node, unit) > 0;
}

function written(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, formatAmount(name, amount)]));
}

interface Price {
  /** Of which resources, in a text that is equal for equal amounts. */
  readonly of: string;
  readonly price: Pick<Plan, "planCost" | "planCostCurrency" | "planCostPeriod">;
}

function pricesOf(own: readonly Offer[], names: KnownCapacity): readonly Price[] {
  return own.flatMap(({ plans }) =>
    plans.map(({ resources, planCost, planCostCurrency, planCostPeriod }) => ({
      of: priceKey(resources, names),
      price: { planCost, planCostCurrency, planCostPeriod },
    })),
  );
}

/** The price of an own plan that gives the same; otherwise only the currency and period that are usual here. */
function priceFor(
  plan: { readonly resources: Plan["resources"] },
  prices: readonly Price[],
): Pick<SuggestedPlan, "planCost" | "planCostCurrency" | "planCostPeriod"> {
  const same = prices.find(({ of }) => of === priceKey(plan.resources, { resourceNames: {} }));
  if (same !== undefined) return same.price;
  const usual = prices[0]?.price;
  return {
    planCost: null,
    planCostCurrency: usual?.planCostCurrency ?? null,
    planCostPeriod: usual?.planCostPeriod ?? null,
  };
}

function priceKey(resources: Plan["resources"], names: Pick<KnownCapacity, "resourceNames">): string {
  const amounts = Object.entries(kubernetesAmounts(resources, names)).map(([name, amount]) => [name, String(amount)]);
  return canonicalJson(Object.fromEntries(amounts));
}

function freeID(text: string, taken: Set<string>): string {
  const base = shortened(
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, ""),
    50,
  );
  let id = base;
  for (let n = 2; taken.has(id); n += 1) id = `${base}-${n}`;
  taken.add(id);
  return id;
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
