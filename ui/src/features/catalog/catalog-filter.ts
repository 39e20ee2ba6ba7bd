import { MoneyInvalidError, toMicros } from "@catalog/schema/money";
import { canonicalName, isQualifiedName } from "@catalog/schema/resource-list";
import { quantityProblem } from "../../lib/format/quantity.ts";
import { choice, flag, list, number, text } from "../../lib/routing/param.ts";
import type { OfferFilter, OfferOrder } from "./documents.ts";

/** What is looked for, as it stands in the URL of the page. */
export const CATALOG_PARAMS = {
  q: text(),
  type: text(),
  /** `label=value` */
  label: list(),
  /** `resource=quantity`, what one unit must give at least */
  need: list(),
  currency: text(),
  min: number(),
  max: number(),
  available: flag(),
} as const;

/** How it is shown; these are no filters. */
export const VIEW_PARAMS = {
  per: choice("month", "hour", "day", "week", "year"),
  sort: choice("NAME_ASC", "NAME_DESC", "COST_ASC", "COST_DESC", "CREATED_DESC", "CREATED_ASC", "AVAILABLE_DESC"),
  view: choice("table", "cards"),
} as const;

type ValuesOf<S> = { readonly [K in keyof S]: S[K] extends { read(given: string | null): infer T } ? T : never };
export type CatalogValues = ValuesOf<typeof CATALOG_PARAMS>;
export type ViewValues = ValuesOf<typeof VIEW_PARAMS>;

/** `name=value` taken apart at the first `=`; undefined without one. */
export function pairOf(entry: string): readonly [name: string, value: string] | undefined {
  const at = entry.indexOf("=");
  return at < 1 ? undefined : [entry.slice(0, at), entry.slice(at + 1)];
}

/** The values chosen of each label. */
export function labelsOf(entries: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, string[]>();
  for (const [label, value] of entries.map(pairOf).filter((pair) => pair !== undefined)) {
    labels.set(label, [...(labels.get(label) ?? []), value]);
  }
  return labels;
}

/** What one unit must give; what is not a quantity (yet) asks for nothing. */
export function needsOf(entries: readonly string[]): Record<string, string> {
  const pairs = entries.map(pairOf).filter((pair) => pair !== undefined);
  const meant = pairs.filter(([name, quantity]) => isQualifiedName(name) && quantityProblem(quantity) === undefined);
  return Object.fromEntries(meant.map(([name, quantity]) => [canonicalName(name), quantity.trim()]));
}

/** The filter of the API. A price range without its currency, or that is no price, asks for nothing. */
export function filterOf(values: CatalogValues, period: ViewValues["per"]): OfferFilter {
  const { q, type, label, need, currency, min, max, available } = values;
  const needs = needsOf(need);
  const bound = (amount: number | undefined) =>
    amount === undefined || currency === "" || !isPrice(amount) ? undefined : { amount, currency, period };
  const [least, most] = [bound(min), bound(max)];
  return {
    ...(q.trim() === "" ? {} : { text: q.trim().slice(0, 256) }),
    ...(type === "" ? {} : { offerType: type }),
    ...(label.length === 0
      ? {}
      : { labelValues: [...labelsOf(label)].map(([name, some]) => ({ label: name, values: [...some] })) }),
    ...(Object.keys(needs).length === 0 ? {} : { minResources: needs }),
    ...(currency === "" ? {} : { currency }),
    ...(least ? { minCost: least } : {}),
    ...(most ? { maxCost: most } : {}),
    ...(available ? { onlyAvailable: true } : {}),
  };
}

/**
 * The filters for which facets are counted, by what they are for: each list of values from which several can be chosen is
 * counted without what was chosen in it, so that the others do not vanish. `""` is for all the rest.
 */
export function facetFilters(filter: OfferFilter): ReadonlyMap<string, OfferFilter> {
  const filters = new Map<string, OfferFilter>([["", filter]]);
  const { offerType, labelValues, currency, minCost, maxCost, ...rest } = filter;
  const types = offerType ? { offerType } : {};
  const labels = labelValues ? { labelValues } : {};
  const prices = {
    ...(currency ? { currency } : {}),
    ...(minCost ? { minCost } : {}),
    ...(maxCost ? { maxCost } : {}),
  };
  if (offerType) filters.set("type", { ...rest, ...labels, ...prices });
  if (currency) filters.set("currency", { ...rest, ...types, ...labels });
  for (const { label } of labelValues ?? []) {
    const others = (labelValues ?? []).filter((one) => one.label !== label);
    filters.set(`label ${label}`, {
      ...rest,
      ...types,
      ...prices,
      ...(others.length > 0 ? { labelValues: others } : {}),
    });
  }
  return filters;
}

/** Orders that a header of the table stands for. */
const COLUMN_ORDERS: Readonly<Record<string, readonly [up: OfferOrder, down: OfferOrder]>> = {
  name: ["NAME_ASC", "NAME_DESC"],
  price: ["COST_ASC", "COST_DESC"],
  available: ["AVAILABLE_DESC", "AVAILABLE_DESC"],
};

/** Which header sorts. */
export function sortingOf(order: OfferOrder): { key: string; isDescending: boolean } | undefined {
  const column = Object.entries(COLUMN_ORDERS).find(([, orders]) => orders.includes(order));
  return column && { key: column[0], isDescending: order.endsWith("_DESC") };
}

/** The order that a header asks for. */
export function orderOf(sorting: { key: string; isDescending: boolean } | undefined): OfferOrder {
  const orders = COLUMN_ORDERS[sorting?.key ?? ""];
  return orders?.[sorting?.isDescending === true ? 1 : 0] ?? "NAME_ASC";
}

function isPrice(amount: number): boolean {
  try {
    toMicros(amount);
    return true;
  } catch (error) {
    if (error instanceof MoneyInvalidError) return false;
    throw error;
  }
}
