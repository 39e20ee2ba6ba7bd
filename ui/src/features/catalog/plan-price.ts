import { type CostPeriod, monthlyCost, toMicros } from "@catalog/schema/money";
import { covers, type ResourceList, toAmounts } from "@catalog/schema/resource-list";

/** What is needed of a plan to compare its price. */
export interface Priced {
  readonly planCost: number;
  readonly planCostCurrency: string;
  readonly planCostPeriod: CostPeriod;
}

/** What is needed of a plan to know whether it is one of those that are looked for. */
export interface Wanted extends Priced {
  readonly available: number;
  readonly resources: ResourceList;
}

/** What one unit costs for one `period`, in micro-units, rounded to the nearest; exact where the plan has that period. */
export function priceFor(plan: Priced, period: CostPeriod): bigint {
  const month = monthlyCost(toMicros(plan.planCost), plan.planCostPeriod);
  const length = monthlyCost(1n, period);
  return (month * 2n + length) / (length * 2n);
}

/** The price as it is compared: to the cent, below one to three figures, with whether something was rounded away. */
export function comparedPrice(
  plan: Priced,
  period: CostPeriod,
): { readonly micros: bigint; readonly isRounded: boolean } {
  const price = priceFor(plan, period);
  if (plan.planCostPeriod === period) return { micros: price, isRounded: false };
  const figures = price.toString().length;
  const step = price >= 1_000_000n ? 10_000n : 10n ** BigInt(Math.max(0, figures - 3));
  const micros = ((price + step / 2n) / step) * step;
  return { micros, isRounded: micros !== price };
}

/** By currency, then by what a month costs: prices of two currencies cannot be compared. */
export function comparePrices(a: Priced, b: Priced): number {
  if (a.planCostCurrency !== b.planCostCurrency) return a.planCostCurrency < b.planCostCurrency ? -1 : 1;
  const [one, other] = [a, b].map((plan) => monthlyCost(toMicros(plan.planCost), plan.planCostPeriod));
  return one === other ? 0 : (one ?? 0n) < (other ?? 0n) ? -1 : 1;
}

/** What a plan has to be to count. */
export interface PlanWish {
  readonly currency?: string | null | undefined;
  readonly minResources?: ResourceList | null | undefined;
  readonly onlyAvailable?: boolean | null | undefined;
}

/** The cheapest plan that is what is looked for; of all plans if none is, as after a change that was not searched again. */
export function cheapestOf<P extends Wanted>(plans: readonly P[], wish: PlanWish = {}): P | undefined {
  const least = toAmounts(wish.minResources ?? {});
  const fitting = plans.filter(
    (plan) =>
      (!wish.currency || plan.planCostCurrency === wish.currency) &&
      (wish.onlyAvailable !== true || plan.available > 0) &&
      covers(toAmounts(plan.resources), least),
  );
  return (fitting.length > 0 ? fitting : plans).toSorted(comparePrices)[0];
}

/** Labels that name a GPU, whatever providers call them. */
const GPU_LABEL = /(^|[^a-z])gpu([^a-z]|$|-?model|product|type)/i;

/** The GPU model of an offer, as its labels say it; undefined if they do not. */
export function gpuModelOf(labels: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(labels).filter((name) => GPU_LABEL.test(name));
  const best = names.find((name) => /model|product/i.test(name)) ?? names[0];
  return best === undefined ? undefined : labels[best];
}

/** Whether a label names a GPU. */
export function isGpuLabel(label: string): boolean {
  return GPU_LABEL.test(label);
}

/** In a few words: who sells what kind of thing, which GPU, and where. */
export function aboutOf(offer: {
  readonly clusterPrettyName: string;
  readonly offerType: string;
  readonly labels: Readonly<Record<string, string>>;
}): readonly string[] {
  const { clusterPrettyName, offerType, labels } = offer;
  return [clusterPrettyName, offerType, gpuModelOf(labels), labels["region"]].filter((part) => part !== undefined);
}

/** Units left of all plans together. */
export function leftOf({ plans }: { readonly plans: readonly { readonly available: number }[] }): number {
  return plans.reduce((sum, { available }) => sum + available, 0);
}
