import { canonicalJson } from "./canonical-json.js";
import { formatAmount } from "./format-amount.js";
import { declaredRest, type KnownCapacity, roomOf, unsold } from "./capacity.js";
import { kubernetesAmounts } from "./grant.js";
import { freeIn, lacking, unitsThatFit } from "./node-pools.js";
import type { Offer, Plan } from "@catalog/schema/offer";
import type { Problem } from "@catalog/schema/problem";
import { amountOf, scaleAmounts } from "@catalog/schema/resource-list";
import type { PlanStock } from "./own-offer.js";

/** What is known and wanted of the cluster's capacity when something is to be sold or offered. */
export interface CapacityView {
  /** Null: nobody can tell now. */
  readonly known: KnownCapacity | null;
  /** Why nobody can tell; for the admin. */
  readonly problem: string;
  /** The admin wants nothing sold or declared beyond what exists. */
  readonly isRefusing: boolean;
}

/** An own offer that is to be saved, the one that it replaces, and the others. */
export interface OfferChange {
  readonly before: Offer | undefined;
  readonly after: Offer;
  readonly others: readonly Offer[];
  readonly stocks: readonly PlanStock[];
}

/**
 * Why an offer promises more than there is: a plan of a MEASURED one more units than fit, a DECLARED one, where the admin refuses it, more
 * than is left beside all others. What promises no more than before is never refused, so that a promise can always be lowered.
 */
export function promiseProblems(change: OfferChange, view: CapacityView): readonly Problem[] {
  if (change.after.capacity === "MEASURED") return measuredProblems(change, view);
  return view.isRefusing ? declaredProblems(change, view) : [];
}

function measuredProblems(change: OfferChange, { known, problem }: CapacityView): readonly Problem[] {
  const { after, stocks } = change;
  const grown = after.plans.map((plan, i) => ({ plan, i })).filter(({ plan }) => hasGrown(change, plan));
  if (grown.length === 0) return [];
  if (known === null) return [unknownCapacity("MEASURED", problem)];
  const room = roomOf(known, after.labels);
  return grown.flatMap(({ plan, i }) => {
    const units = unsold(after, plan, stocks);
    const unit = kubernetesAmounts(plan.resources, known);
    const fitting = unitsThatFit(room, unit);
    if (units <= fitting) return [];
    const short = lacking(room, scaleAmounts(unit, units)) ?? "";
    const rest = formatAmount(short, amountOf(room, short));
    const message = `is ${units - fitting} too many for a MEASURED offer: ${where(after)} ${rest} of ${short} left, enough for ${fitting}. Offer fewer, or use DECLARED.`;
    return [{ path: `plans[${i}].planQuantity`, message }];
  });
}

function hasGrown({ before, after, stocks }: OfferChange, plan: Plan): boolean {
  const units = unsold(after, plan, stocks);
  const known = before?.plans.find(({ planID }) => planID === plan.planID);
  if (before === undefined || known === undefined || before.capacity !== "MEASURED") return units > 0;
  const isSame = canonicalJson([before.labels, known.resources]) === canonicalJson([after.labels, plan.resources]);
  return units > (isSame ? unsold(before, known, stocks) : 0);
}

function declaredProblems({ before, after, others, stocks }: OfferChange, view: CapacityView): readonly Problem[] {
  const { known, problem } = view;
  const names = known ?? { resourceNames: {} };
  const need = declaredRest([...others, after], stocks, names);
  const needed = declaredRest(before === undefined ? others : [...others, before], stocks, names);
  const grown = Object.keys(declaredRest([after], stocks, names)).filter(
    (name) => amountOf(need, name) > amountOf(needed, name),
  );
  if (grown.length === 0) return [];
  if (known === null) return [unknownCapacity("DECLARED", problem)];
  const free = freeIn(known.pools, known.commitments);
  return grown
    .filter((name) => amountOf(need, name) > amountOf(free, name))
    .map((name) => {
      const [all, left] = [formatAmount(name, amountOf(need, name)), formatAmount(name, amountOf(free, name))];
      const message = `With this offer all DECLARED ones together would have ${all} of ${name} to sell, and the cluster has ${left} left. Offer fewer units, or call setCapacityPolicy(refuseBeyondCapacity: false).`;
      return { path: "plans", message };
    });
}

function unknownCapacity(capacity: Offer["capacity"], problem: string): Problem {
  const wayOut =
    capacity === "MEASURED"
      ? "use DECLARED"
      : "call setCapacityPolicy(refuseBeyondCapacity: false) and offer it unchecked";
  return { path: "capacity", message: `What this cluster has left is not known: ${problem} Mend that, or ${wayOut}.` };
}

function where({ labels }: Offer): string {
  return Object.keys(labels).length === 0 ? "the cluster has" : "the node pools with these labels have";
}
