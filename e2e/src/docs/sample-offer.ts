import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf } from "../federation/operations.js";
import type { World } from "./example.js";

/** What Turin sells in the examples. */
export const GENERAL = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  description: "Balanced CPU and memory.",
  labels: { region: "eu-south", architecture: "amd64" },
  approval: "AUTO",
  capacity: "DECLARED",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.045,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: 12,
      resources: { cpu: "1", ram: "2Gi", storage: "10Gi" },
    },
  ],
} as const;

/** The same, sold only after its admin has agreed. */
export const ASKED = { ...GENERAL, offerID: "asked", offerName: "On request", offerType: "gpu", approval: "MANUAL" };

/** Waits until Paris sees Turin's offer on sale. */
export async function offerSeen({ paris, turin }: World): Promise<void> {
  await waitFor(async () => (await availableOf(paris.api, turin.spec.clusterID, "general", "small")) !== undefined, {
    what: "Paris sees the offer",
    timeoutMs: 60_000,
  });
}
