import type { CatalogOffer } from "../catalog.js";
import type { Plan } from "../offer.js";

/** A plan of 2 CPUs and 4 GiB for 10 EUR a month, with what the test is about. */
export function samplePlan(change: Partial<Plan> = {}): Plan {
  return {
    planID: "small",
    planName: "Small",
    planCost: 10,
    planCostCurrency: "EUR",
    planCostPeriod: "month",
    planQuantity: 4,
    resources: { cpu: "2", ram: "4Gi" },
    ...change,
  };
}

/** An offer on sale with one plan and stock, with what the test is about. */
export function sampleCatalogOffer(change: Partial<CatalogOffer> = {}): CatalogOffer {
  return {
    offerID: "general",
    offerName: "General purpose",
    offerType: "general",
    description: "Shared nodes",
    clusterPrettyName: "Turin",
    created: 1_700_000_000,
    status: true,
    plans: [samplePlan()],
    labels: {},
    approval: "AUTO",
    capacity: "DECLARED",
    noticePeriod: null,
    minDuration: null,
    fingerprint: "fp-turin",
    clusterID: "turin",
    clusterName: "turin-1",
    rev: 1,
    termsRev: 1,
    stock: { small: 4 },
    staleSince: null,
    jws: "",
    ...change,
  };
}
