import type { CustomerAction, CustomerSeen, CustomerStage } from "./customer-seen.js";
import { introductionStages } from "./introduction-stages.js";
import { networkStages, noNetworkStages } from "./network-stages.js";
import { placeStages } from "./place-stages.js";
import { isSliceRight, SLICE, usageStages } from "./slice-stages.js";
import { planOf, type Plan } from "./stages.js";
import { shownConditions } from "./tenant-view.js";

/** What is to be done next to be connected to the provider. Pure. */
export function planCustomer(seen: CustomerSeen): Plan<CustomerAction> {
  const { task, view, now, patienceMs, waits } = seen;
  const stages: readonly CustomerStage[] = [
    ...placeStages<CustomerSeen>("provider"),
    ...introductionStages,
    SLICE,
    ...(task.network ? networkStages : noNetworkStages(seen)),
    ...usageStages,
  ];
  return planOf<CustomerSeen, CustomerAction>(stages, seen, {
    direction: "UP",
    now,
    patienceMs,
    waits,
    conditions: shownConditions(view.ownSlices),
    done: {
      phase: "ESTABLISHED",
      message: "What was bought can be used: the provider's resources are a node of this cluster.",
    },
    released: isSliceRight(seen) ? task.ending.map(({ contractID }) => contractID) : [],
  });
}
