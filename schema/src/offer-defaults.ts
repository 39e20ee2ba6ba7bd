import type { Offer, OfferInput, Plan, PlanInput } from "./offer.js";

/** What an offer is of when its provider does not say. */
export const DEFAULT_OFFER_TYPE = "general";

/**
 * The whole offer from what an admin wrote, defaults filled in: on sale, AUTO, DECLARED, type "general", plans without an
 * id named plan-1, plan-2, …, plans without a name named after their id.
 * @param input has no {@link offerProblems}.
 * @param given what the admin does not write; its offerID is used where the input has none.
 */
export function offerFrom(
  input: OfferInput,
  given: { readonly offerID: string; readonly clusterPrettyName: string; readonly created: number },
): Offer {
  return {
    offerID: input.offerID ?? given.offerID,
    offerName: input.offerName,
    offerType: input.offerType ?? DEFAULT_OFFER_TYPE,
    description: input.description ?? "",
    clusterPrettyName: given.clusterPrettyName,
    created: given.created,
    status: input.status ?? true,
    plans: plansFrom(input.plans),
    labels: input.labels ?? {},
    approval: input.approval ?? "AUTO",
    capacity: input.capacity ?? "DECLARED",
    noticePeriod: input.noticePeriod ?? null,
    minDuration: input.minDuration ?? null,
  };
}

function plansFrom(plans: readonly PlanInput[]): Plan[] {
  const taken = new Set(plans.flatMap(({ planID }) => planID ?? []));
  let next = 1;
  const freeID = (): string => {
    while (taken.has(`plan-${next}`)) next += 1;
    taken.add(`plan-${next}`);
    return `plan-${next}`;
  };
  return plans.map((plan) => {
    const planID = plan.planID ?? freeID();
    return {
      planID,
      planName: plan.planName ?? planID,
      planCost: plan.planCost,
      planCostCurrency: plan.planCostCurrency,
      planCostPeriod: plan.planCostPeriod,
      planQuantity: plan.planQuantity,
      resources: plan.resources,
    };
  });
}
