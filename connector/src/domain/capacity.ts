import { type Amounts, addAmounts, amountOf, scaleAmounts } from "@catalog/schema/resource-list";
import type { Offer, Plan } from "@catalog/schema/offer";
import { kubernetesAmounts } from "./grant.js";
import { type Commitment, freeIn, type NodePool, poolsFor, roomIn, subtract, unitsThatFit } from "./node-pools.js";
import { available, type OwnOffer, type PlanStock } from "./own-offer.js";

/** What is known of the cluster at a moment. */
export interface KnownCapacity {
  readonly pools: readonly NodePool[];
  readonly commitments: readonly Commitment[];
  /** What resources of offers are called there; others keep their names. */
  readonly resourceNames: Readonly<Record<string, string>>;
}

/** What offers declare, contracts hold and is left, under Kubernetes' names. */
export interface LedgerCapacity {
  readonly declared: Amounts;
  readonly sold: Amounts;
  readonly left: Amounts;
}

/** Names of resources, as `kubernetesAmounts` takes them. */
type Names = Pick<KnownCapacity, "resourceNames">;
type SoldUnits = { readonly resources: Plan["resources"]; readonly units: number };

/** Adds up the own offers and what contracts hold of them. @param known null: nobody can tell, and nothing MEASURED is left. */
export function ledgerCapacity(
  offers: readonly OwnOffer[],
  stocks: readonly PlanStock[],
  held: readonly SoldUnits[],
  names: Names,
  known: KnownCapacity | null,
): LedgerCapacity {
  let declared: Amounts = {};
  let left: Amounts = {};
  for (const { offer } of offers) {
    const rest = boundStock(offer, stocks, known);
    for (const plan of offer.plans) {
      const unit = kubernetesAmounts(plan.resources, names);
      declared = addAmounts(declared, scaleAmounts(unit, plan.planQuantity));
      left = addAmounts(left, scaleAmounts(unit, rest[plan.planID] ?? 0));
    }
  }
  return { declared, sold: amountsOf(held, names), left };
}

/** What units give together, under Kubernetes' names. */
export function amountsOf(held: readonly SoldUnits[], names: Names): Amounts {
  return held.reduce<Amounts>(
    (sum, { resources, units }) => addAmounts(sum, scaleAmounts(kubernetesAmounts(resources, names), units)),
    {},
  );
}

/** What an offer with these labels can take of the cluster. */
export function roomOf(known: KnownCapacity, labels: Offer["labels"]): Amounts {
  return roomIn(poolsFor(known.pools, labels), known.pools, known.commitments);
}

/**
 * What is left of each plan: what the ledger has, and of a MEASURED offer no more units than fit into the cluster.
 * @param known null: nobody can tell, and nothing MEASURED is left.
 */
export function boundStock(
  offer: Offer,
  stocks: readonly PlanStock[],
  known: KnownCapacity | null,
): Record<string, number> {
  const room = offer.capacity === "MEASURED" && known !== null ? roomOf(known, offer.labels) : {};
  return Object.fromEntries(
    offer.plans.map((plan) => [plan.planID, Math.min(unsold(offer, plan, stocks), bound(offer, plan, room, known))]),
  );
}

function bound(offer: Offer, plan: Plan, room: Amounts, known: KnownCapacity | null): number {
  if (offer.capacity !== "MEASURED") return Number.MAX_SAFE_INTEGER;
  return known === null ? 0 : unitsThatFit(room, kubernetesAmounts(plan.resources, known));
}

/** Units of a plan that contracts do not hold, as far as the ledger goes. */
export function unsold(
  { offerID }: Pick<Offer, "offerID">,
  plan: Pick<Plan, "planID" | "planQuantity">,
  stocks: readonly PlanStock[],
): number {
  const stock = stocks.find((one) => one.offerID === offerID && one.planID === plan.planID);
  return available({ quantity: plan.planQuantity, held: stock?.held ?? 0 });
}

/** What DECLARED offers could still sell. */
export function declaredRest(offers: readonly Offer[], stocks: readonly PlanStock[], names: Names): Amounts {
  const declared = offers.filter(({ capacity }) => capacity === "DECLARED");
  return amountsOf(
    declared.flatMap((offer) =>
      offer.plans.map((plan) => ({ resources: plan.resources, units: unsold(offer, plan, stocks) })),
    ),
    names,
  );
}

/** By how much more is sold, or could be sold, than exists. */
export interface Excess {
  /** What contracts hold beyond what the nodes have beside their own pods. */
  readonly overcommitted: Amounts;
  /** What would be missing if all that DECLARED offers have left were sold as well. */
  readonly overdeclared: Amounts;
}

/** Zeros are left out. A resource that no pool has and nobody was sold or is offered is none. */
export function excessOf(known: KnownCapacity, rest: Amounts): Excess {
  const free = freeIn(known.pools, known.commitments);
  return { overcommitted: missing(free), overdeclared: missing(subtract(free, rest)) };
}

function missing(free: Amounts): Amounts {
  return Object.fromEntries(
    Object.keys(free)
      .map((name): [string, bigint] => [name, -amountOf(free, name)])
      .filter(([, amount]) => amount > 0n),
  );
}
