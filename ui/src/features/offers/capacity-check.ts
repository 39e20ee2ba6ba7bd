import { formatQuantity } from "@catalog/schema/quantity";
import { canonicalName } from "@catalog/schema/resource-list";
import { amountOf, isBytes, resourceOrder, share } from "../../lib/format/quantity.ts";
import type { CapacityFacts, MyOfferRow } from "./documents.ts";
import type { OfferDraft } from "./offer-draft.ts";

/** How one resource would stand with the draft on sale. */
export interface ResourceCheck {
  readonly resource: string;
  /** What the other offers declare, and what this one does: Kubernetes quantities. */
  readonly others: string;
  readonly own: string;
  /** What there is to sell: free now, and already sold. Null where nobody can tell. */
  readonly there: string | null;
  /** By how much more is promised than there is; null if it is not, or nobody can tell. */
  readonly beyond: string | null;
  /** 0 to 1, of the larger of what is promised and what is there. */
  readonly othersShare: number;
  readonly ownShare: number;
  /** Where what is there ends, 0 to 1; undefined where nobody can tell. */
  readonly limit: number | undefined;
}

/**
 * What a draft promises per resource beside the other offers, against what the cluster has. The server decides at saving;
 * this is its answer as one types.
 */
export function checkCapacity(
  draft: OfferDraft,
  others: readonly MyOfferRow[],
  capacity: CapacityFacts["capacity"],
): readonly ResourceCheck[] {
  const named = (resource: string): string => nameIn(capacity, resource);
  const own = promisedBy(
    draft.plans.map((plan) => ({ ...plan, resources: entriesOf(plan.resources) })),
    named,
  );
  const rest = promisedBy(
    others
      .filter(({ offerID }) => offerID !== draft.offerID)
      .flatMap(({ plans }) => plans.map((plan) => ({ ...plan, resources: Object.entries(plan.resources) }))),
    named,
  );
  return [...own.keys()].sort(resourceOrder).map((resource) => {
    const facts = capacity.find((one) => one.resource === resource);
    return checkOne(resource, own.get(resource) ?? 0n, rest.get(resource) ?? 0n, thereOf(facts));
  });
}

function checkOne(resource: string, own: bigint, others: bigint, there: bigint | undefined): ResourceCheck {
  const write = (amount: bigint): string => formatQuantity(amount, isBytes(resource) ? "binary" : "decimal");
  const promised = own + others;
  const whole = there === undefined || promised > there ? promised : there;
  return {
    resource,
    others: write(others),
    own: write(own),
    there: there === undefined ? null : write(there),
    beyond: there !== undefined && promised > there ? write(promised - there) : null,
    othersShare: share(others, whole),
    ownShare: share(own, whole),
    limit: there === undefined ? undefined : share(there, whole),
  };
}

/** What nodes call a resource that offers call otherwise, as a Connector counts them unless it is told otherwise. */
const ON_NODES: Readonly<Record<string, string>> = { storage: "ephemeral-storage", gpu: "nvidia.com/gpu" };

function nameIn(capacity: CapacityFacts["capacity"], resource: string): string {
  const name = canonicalName(resource);
  const isCounted = (wanted: string): boolean => capacity.some((one) => one.resource === wanted);
  const other = Object.hasOwn(ON_NODES, name) ? ON_NODES[name] : undefined;
  return other !== undefined && !isCounted(name) && isCounted(other) ? other : name;
}

/** Free and sold together; a deficit of what is free counts as nothing. */
function thereOf(facts: CapacityFacts["capacity"][number] | undefined): bigint | undefined {
  if (facts?.free === null || facts?.free === undefined) return undefined;
  const isNegative = facts.free.startsWith("-");
  const free = isNegative ? 0n : (amountOf(facts.free) ?? 0n);
  return free + (amountOf(facts.sold) ?? 0n);
}

function promisedBy(
  plans: readonly { planQuantity: number | undefined; resources: readonly (readonly [string, string])[] }[],
  named: (resource: string) => string,
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { planQuantity, resources } of plans) {
    const units = Number.isSafeInteger(planQuantity) && (planQuantity ?? 0) > 0 ? BigInt(planQuantity ?? 0) : 0n;
    for (const [name, quantity] of resources) {
      const resource = named(name);
      sums.set(resource, (sums.get(resource) ?? 0n) + (amountOf(quantity.trim()) ?? 0n) * units);
    }
  }
  return sums;
}

function entriesOf(rows: readonly { name: string; quantity: string }[]): (readonly [string, string])[] {
  return rows.map(({ name, quantity }) => [name, quantity] as const);
}
