import type { OfferInput } from "@catalog/schema/offer";

/** An offer of one plan, for tests. */
export function sampleOffer(change: Partial<OfferInput> & { readonly quantity?: number } = {}): OfferInput {
  const { quantity = 4, ...rest } = change;
  return {
    offerID: "general",
    offerName: "General purpose",
    plans: [
      {
        planID: "small",
        planName: "Small",
        planCost: 12.5,
        planCostCurrency: "EUR",
        planCostPeriod: "month",
        planQuantity: quantity,
        resources: { cpu: "2", ram: "4Gi", storage: "20Gi" },
      },
    ],
    ...rest,
  };
}
