import { type Amounts, addAmounts, scaleAmounts } from "@catalog/schema/resource-list";
import { type Contract, planOf } from "./contract.js";
import { type GrantSettings, kubernetesAmounts } from "./grant.js";
import { available, type OwnOffer, type PlanStock } from "./own-offer.js";

/** What offers declare, contracts hold and is left, under Kubernetes' names. */
export interface LedgerCapacity {
  readonly declared: Amounts;
  readonly sold: Amounts;
  readonly left: Amounts;
}

/** Adds up the own offers and the contracts that hold units of them. */
export function capacityOf(
  offers: readonly OwnOffer[],
  stocks: readonly PlanStock[],
  holding: readonly Contract[],
  settings: GrantSettings,
): LedgerCapacity {
  let declared: Amounts = {};
  let left: Amounts = {};
  for (const { offer } of offers) {
    for (const plan of offer.plans) {
      const unit = kubernetesAmounts(plan.resources, settings);
      const stock = stocks.find((one) => one.offerID === offer.offerID && one.planID === plan.planID);
      declared = addAmounts(declared, scaleAmounts(unit, plan.planQuantity));
      left = addAmounts(left, scaleAmounts(unit, stock === undefined ? plan.planQuantity : available(stock)));
    }
  }
  let sold: Amounts = {};
  for (const contract of holding) {
    sold = addAmounts(
      sold,
      scaleAmounts(kubernetesAmounts(planOf(contract)?.resources ?? {}, settings), contract.request.units),
    );
  }
  return { declared, sold, left };
}
