import type { Offer, Plan } from "@catalog/schema/offer";
import { type KnownCapacity, roomOf } from "./capacity.js";
import type { PurchaseRequest } from "./contract.js";
import { kubernetesAmounts } from "./grant.js";
import { freeIn, unitsThatFit } from "./node-pools.js";
import type { Refusal } from "./sale.js";

/**
 * Whether the cluster has the resources for a request; the customer learns that, and nothing else of the cluster.
 * @param known null: nobody can tell now, and nothing is sold on it.
 */
export function capacityRefusal(
  { units }: Pick<PurchaseRequest, "units">,
  offer: Offer,
  plan: Plan,
  known: KnownCapacity | null,
): Refusal | undefined {
  const what = `plan ${plan.planID} of offer ${offer.offerID}`;
  if (known === null) {
    const message = `The provider sells ${what} only as far as its cluster is measured, and cannot measure it at the moment. Try again later.`;
    return { code: "OUT_OF_STOCK", message };
  }
  const room = offer.capacity === "MEASURED" ? roomOf(known, offer.labels) : freeIn(known.pools, known.commitments);
  const fitting = unitsThatFit(room, kubernetesAmounts(plan.resources, known));
  if (units <= fitting) return undefined;
  const message = `The provider's cluster has resources for ${fitting} more units of ${what}, not for ${units}.`;
  return { code: "OUT_OF_STOCK", message };
}
