import type { CatalogOffer } from "@catalog/schema/catalog";
import { compareText } from "@catalog/schema/offer-order";
import { canonicalName } from "@catalog/schema/resource-list";

/** A value and how many offers have it. */
export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export interface LabelFacet {
  readonly label: string;
  readonly values: readonly FacetValue[];
}

/** By what offers can be told apart. */
export interface OfferFacets {
  readonly total: number;
  readonly types: readonly FacetValue[];
  readonly currencies: readonly FacetValue[];
  /** Canonical names of what plans give. */
  readonly resources: readonly FacetValue[];
  readonly labels: readonly LabelFacet[];
}

/** Bounds of one answer: the most frequent are told. */
export const FACET_LIMITS = { values: 50, labels: 20 } as const;

/** Counts the values of these offers; an offer counts once for each, however many plans have it. */
export function facetsOf(offers: Iterable<CatalogOffer>): OfferFacets {
  const types = new Map<string, number>();
  const currencies = new Map<string, number>();
  const resources = new Map<string, number>();
  const labels = new Map<string, Map<string, number>>();
  let total = 0;
  for (const { offerType, plans, labels: own } of offers) {
    total += 1;
    count(types, [offerType]);
    count(
      currencies,
      plans.map((plan) => plan.planCostCurrency),
    );
    count(
      resources,
      plans.flatMap((plan) => Object.keys(plan.resources).map(canonicalName)),
    );
    for (const [label, value] of Object.entries(own)) {
      const values = labels.get(label) ?? new Map<string, number>();
      labels.set(label, values);
      count(values, [value]);
    }
  }
  return {
    total,
    types: mostFrequent(types),
    currencies: mostFrequent(currencies),
    resources: mostFrequent(resources),
    labels: mostUsed(labels),
  };
}

function count(counts: Map<string, number>, values: readonly string[]): void {
  for (const value of new Set(values)) counts.set(value, (counts.get(value) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<string, number>): readonly FacetValue[] {
  return [...counts]
    .map(([value, times]) => ({ value, count: times }))
    .sort((a, b) => b.count - a.count || compareText(a.value, b.value))
    .slice(0, FACET_LIMITS.values);
}

function mostUsed(labels: ReadonlyMap<string, ReadonlyMap<string, number>>): readonly LabelFacet[] {
  const uses = (values: ReadonlyMap<string, number>): number => [...values.values()].reduce((sum, n) => sum + n, 0);
  return [...labels]
    .sort(([a, one], [b, other]) => uses(other) - uses(one) || compareText(a, b))
    .slice(0, FACET_LIMITS.labels)
    .map(([label, values]) => ({ label, values: mostFrequent(values) }));
}
