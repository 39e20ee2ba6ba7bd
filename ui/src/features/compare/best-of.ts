import { type CostPeriod } from "@catalog/schema/money";
import { amountOf } from "../../lib/format/quantity.ts";
import { priceFor, type Priced } from "../catalog/plan-price.ts";

/** What is compared of a plan. */
type Compared = Priced & { readonly resources: Readonly<Record<string, string>>; readonly available: number };

/** The places of the lowest prices; none where prices are in several currencies, or all are the same. */
export function cheapestPlaces(plans: readonly (Compared | undefined)[], period: CostPeriod): ReadonlySet<number> {
  const currencies = new Set(plans.flatMap((plan) => plan?.planCostCurrency ?? []));
  if (currencies.size !== 1) return new Set();
  return placesOf(plans.map((plan) => (plan === undefined ? undefined : -priceFor(plan, period))));
}

/** The places of what gives most of a resource; none where all give the same. */
export function mostPlaces(plans: readonly (Compared | undefined)[], resource: string): ReadonlySet<number> {
  return placesOf(
    plans.map((plan) => (plan === undefined ? undefined : (amountOf(plan.resources[resource] ?? "0") ?? 0n))),
  );
}

/** Every resource that one of the plans gives. */
export function resourcesOf(plans: readonly (Compared | undefined)[]): readonly string[] {
  return [...new Set(plans.flatMap((plan) => Object.keys(plan?.resources ?? {})))];
}

function placesOf(values: readonly (bigint | undefined)[]): ReadonlySet<number> {
  const known = values.filter((value) => value !== undefined);
  const most = known.reduce((best, value) => (value > best ? value : best), known[0] ?? 0n);
  if (known.length < 2 || known.every((value) => value === most)) return new Set();
  return new Set(values.flatMap((value, place) => (value === most ? [place] : [])));
}
