import { stockOf, type CatalogOffer } from "./catalog.js";
import {
  choiceProblems,
  idProblems,
  isObject,
  nameProblems,
  optional,
  textProblems,
  type Fields,
} from "./field-checks.js";
import { COST_PERIODS, isCurrency, monthlyCost, MoneyInvalidError, toMicros, type CostPeriod } from "./money.js";
import type { Plan } from "./offer.js";
import type { Problem } from "./problem.js";
import {
  covers,
  isQualifiedName,
  resourceListProblems,
  toAmounts,
  type Amounts,
  type ResourceList,
} from "./resource-list.js";

/** Which offers of the catalog are wanted; absent and null conditions ask for nothing. */
export interface OfferFilter {
  /** Words that must all occur somewhere in {@link searchText}. */
  readonly text?: string | null;
  readonly offerType?: string | null;
  /** Offers of these clusters; an empty list matches nothing. */
  readonly clusterIDs?: readonly string[] | null;
  /** Labels that must all be there with exactly this value. */
  readonly labels?: Readonly<Record<string, string>> | null;
  /** Labels that must each be there with one of the values named. */
  readonly labelValues?: readonly LabelValues[] | null;
  /** Some plan is priced in this currency. */
  readonly currency?: string | null;
  /** Some plan in this currency costs at most this, compared per month. */
  readonly maxCost?: MaxCost | null;
  /** Some plan in this currency costs at least this, compared per month. */
  readonly minCost?: MaxCost | null;
  /** Some plan gives at least this per unit. */
  readonly minResources?: ResourceList | null;
  /** The offer is on sale and some plan has units left. */
  readonly onlyAvailable?: boolean | null;
}

/** A label with the values that will do. */
export interface LabelValues {
  readonly label: string;
  readonly values: readonly string[];
}

/** A bound on what one unit of a plan may cost. */
export interface MaxCost {
  readonly amount: number;
  readonly currency: string;
  readonly period: CostPeriod;
}

/** A filter read for comparison: what a search in memory and one in SQL both test. */
export interface ReadFilter {
  /** Lower-cased, without white space, each once. */
  readonly words: readonly string[];
  readonly offerType: string | null;
  readonly clusterIDs: readonly string[] | null;
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** Labels with the values that will do, each once. */
  readonly labelValues: readonly (readonly [key: string, values: readonly string[]])[];
  /** Conditions on a plan; one and the same plan has to meet all of them. */
  readonly plan: PlanConditions;
}

/** What one plan has to meet. */
export interface PlanConditions {
  /** Every currency asked for; two different ones match no plan. */
  readonly currencies: readonly string[];
  /** In the unit of {@link monthlyCost}; null where there is no bound. */
  readonly maxMonthlyCost: bigint | null;
  readonly minMonthlyCost: bigint | null;
  readonly minResources: Amounts;
  readonly onlyAvailable: boolean;
}

/** The bounds of a filter. */
export const FILTER_LIMITS = { textLength: 256, clusterIDs: 100, labels: 32, labelValues: 50 } as const;

/** Reads a filter that has no {@link filterProblems}. */
export function readFilter(filter: OfferFilter): ReadFilter {
  const { maxCost, minCost, currency } = filter;
  const currencies = [currency, maxCost?.currency, minCost?.currency].filter(
    (code) => code !== undefined && code !== null,
  );
  return {
    words: [...new Set((filter.text ?? "").toLowerCase().split(/\s+/u))].filter((word) => word !== ""),
    offerType: filter.offerType ?? null,
    clusterIDs: filter.clusterIDs ?? null,
    labels: Object.entries(filter.labels ?? {}),
    labelValues: (filter.labelValues ?? []).map(({ label, values }) => [label, [...new Set(values)]]),
    plan: {
      currencies: [...new Set(currencies)],
      maxMonthlyCost: monthlyBound(maxCost),
      minMonthlyCost: monthlyBound(minCost),
      minResources: toAmounts(filter.minResources ?? {}),
      onlyAvailable: filter.onlyAvailable ?? false,
    },
  };
}

function monthlyBound(bound: MaxCost | null | undefined): bigint | null {
  return bound ? monthlyCost(toMicros(bound.amount), bound.period) : null;
}

/** Whether an offer meets every condition. `filter` has no {@link filterProblems}. */
export function offerMatches(offer: CatalogOffer, filter: OfferFilter): boolean {
  return matchesRead(offer, readFilter(filter));
}

/** {@link offerMatches} for a filter that is applied to many offers. */
export function matchesRead(offer: CatalogOffer, filter: ReadFilter): boolean {
  const { words, offerType, clusterIDs, plan: conditions } = filter;
  if (offerType !== null && offer.offerType !== offerType) return false;
  if (clusterIDs !== null && !clusterIDs.includes(offer.clusterID)) return false;
  if (!hasLabels(offer, filter)) return false;
  if (conditions.onlyAvailable && !offer.status) return false;
  if (!offer.plans.some((plan) => planMatches(offer, plan, conditions))) return false;
  if (words.length === 0) return true;
  const text = searchText(offer);
  return words.every((word) => text.includes(word));
}

function hasLabels({ labels }: CatalogOffer, filter: ReadFilter): boolean {
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    filter.labels.every(([key, value]) => valueOf(key) === value) &&
    filter.labelValues.every(([key, values]) => values.includes(valueOf(key) ?? "") && valueOf(key) !== undefined)
  );
}

function planMatches(offer: CatalogOffer, plan: Plan, conditions: PlanConditions): boolean {
  const { currencies, maxMonthlyCost, minMonthlyCost, minResources, onlyAvailable } = conditions;
  if (onlyAvailable && stockOf(offer, plan.planID) <= 0) return false;
  if (!currencies.every((currency) => plan.planCostCurrency === currency)) return false;
  if (maxMonthlyCost !== null && planMonthlyCost(plan) > maxMonthlyCost) return false;
  if (minMonthlyCost !== null && planMonthlyCost(plan) < minMonthlyCost) return false;
  return Object.keys(minResources).length === 0 || covers(toAmounts(plan.resources), minResources);
}

/** What one unit of a plan costs per month, in the unit of {@link monthlyCost}. */
export function planMonthlyCost(plan: Plan): bigint {
  return monthlyCost(toMicros(plan.planCost), plan.planCostPeriod);
}

/**
 * The text in which words are looked for: name, type, description, cluster names, plan names, label keys and values,
 * lower-cased, one per line. Words hold no line break, so that none is found across two of them.
 */
export function searchText(offer: CatalogOffer): string {
  const parts = [
    offer.offerName,
    offer.offerType,
    offer.description,
    offer.clusterPrettyName,
    offer.clusterName,
    ...offer.plans.map(({ planName }) => planName),
    ...Object.entries(offer.labels).flat(),
  ];
  return parts.join("\n").toLowerCase();
}

/**
 * One text for all filters that mean the same: order, repetition, the writing of quantities and prices and absent conditions
 * make no difference. Hashed into cursors. `filter` has no {@link filterProblems}.
 */
export function canonicalFilter(filter: OfferFilter): string {
  const { words, offerType, clusterIDs, labels, labelValues, plan } = readFilter(filter);
  const amounts = Object.entries(plan.minResources).map(([name, amount]) => [name, String(amount)]);
  return JSON.stringify([
    words.toSorted(),
    offerType,
    clusterIDs && [...new Set(clusterIDs)].toSorted(),
    sortedByKey(labels),
    plan.currencies.toSorted(),
    plan.maxMonthlyCost === null ? null : String(plan.maxMonthlyCost),
    sortedByKey(amounts),
    plan.onlyAvailable,
    // Named, because filters without them are hashed as they were before these existed.
    ...(plan.minMonthlyCost === null ? [] : [["minCost", String(plan.minMonthlyCost)]]),
    ...(labelValues.length === 0 ? [] : [["labelValues", ...canonicalLabelValues(labelValues)]]),
  ]);
}

function canonicalLabelValues(labelValues: ReadFilter["labelValues"]): readonly string[] {
  return [...new Set(labelValues.map(([key, values]) => JSON.stringify([key, ...values.toSorted()])))].toSorted();
}

function sortedByKey(entries: readonly (readonly string[])[]): (readonly string[])[] {
  return entries.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : Number(a > b)));
}

/** Everything that is wrong with a filter, whatever its runtime type. */
export function filterProblems(filter: unknown): Problem[] {
  if (filter === undefined || filter === null) return [];
  if (!isObject(filter)) return [{ path: "", message: "The filter must be an object." }];
  return [
    ...optional(filter["text"], "text", (value, path) => textProblems(value, path, FILTER_LIMITS.textLength)),
    ...optional(filter["offerType"], "offerType", (value, path) => nameProblems(value, path, 63)),
    ...optional(filter["clusterIDs"], "clusterIDs", clusterIdProblems),
    ...optional(filter["labels"], "labels", labelProblems),
    ...optional(filter["currency"], "currency", currencyProblems),
    ...optional(filter["labelValues"], "labelValues", labelValueProblems),
    ...optional(filter["maxCost"], "maxCost", maxCostProblems),
    ...optional(filter["minCost"], "minCost", maxCostProblems),
    ...optional(filter["minResources"], "minResources", resourceListProblems),
    ...optional(filter["onlyAvailable"], "onlyAvailable", (value, path) =>
      typeof value === "boolean" ? [] : [{ path, message: "must be true or false." }],
    ),
  ];
}

function clusterIdProblems(value: unknown, path: string): Problem[] {
  if (!Array.isArray(value)) return [{ path, message: "must be a list of cluster ids." }];
  if (value.length > FILTER_LIMITS.clusterIDs)
    return [{ path, message: `names more than ${FILTER_LIMITS.clusterIDs}.` }];
  return value.flatMap((id: unknown, i) => idProblems(id, `${path}[${i}]`));
}

function labelProblems(value: unknown, path: string): Problem[] {
  if (!isObject(value)) return [{ path, message: "must be an object from key to text." }];
  const entries = Object.entries(value);
  if (entries.length > FILTER_LIMITS.labels) return [{ path, message: `names more than ${FILTER_LIMITS.labels}.` }];
  return entries.flatMap(([key, text]): Problem[] => {
    const at = `${path}.${key.slice(0, 80)}`;
    return isQualifiedName(key) ? textProblems(text, at, 256) : [{ path: at, message: "is not a label key." }];
  });
}

function labelValueProblems(value: unknown, path: string): Problem[] {
  if (!Array.isArray(value)) return [{ path, message: "must be a list of labels with values." }];
  if (value.length > FILTER_LIMITS.labels) return [{ path, message: `names more than ${FILTER_LIMITS.labels}.` }];
  return value.flatMap((one: unknown, i) => oneLabelProblems(one, `${path}[${i}]`));
}

function oneLabelProblems(value: unknown, path: string): Problem[] {
  if (!isObject(value)) return [{ path, message: "must hold label and values." }];
  const { label, values } = value;
  const most = FILTER_LIMITS.labelValues;
  return [
    ...(typeof label === "string" && isQualifiedName(label)
      ? []
      : [{ path: `${path}.label`, message: "is not a label key." }]),
    ...(Array.isArray(values) && values.length >= 1 && values.length <= most
      ? values.flatMap((text: unknown, i) => textProblems(text, `${path}.values[${i}]`, 256))
      : [{ path: `${path}.values`, message: `must be 1 to ${most} values.` }]),
  ];
}

function currencyProblems(value: unknown, path: string): Problem[] {
  const known = typeof value === "string" && isCurrency(value);
  return known ? [] : [{ path, message: "must be the ISO 4217 code of a currency in use, such as EUR." }];
}

function maxCostProblems(value: unknown, path: string): Problem[] {
  if (!isObject(value)) return [{ path, message: "must hold amount, currency and period." }];
  return [
    ...amountProblems(value, path),
    ...currencyProblems(value["currency"], `${path}.currency`),
    ...choiceProblems(value["period"], `${path}.period`, COST_PERIODS),
  ];
}

function amountProblems({ amount }: Fields, parent: string): Problem[] {
  const path = `${parent}.amount`;
  if (typeof amount !== "number") return [{ path, message: "must be a number." }];
  try {
    toMicros(amount);
    return [];
  } catch (error) {
    if (error instanceof MoneyInvalidError) return [{ path, message: error.message }];
    throw error;
  }
}
