import { stockOf, type CatalogOffer } from "./catalog.js";
import { planMonthlyCost } from "./offer-filter.js";

/** How a list of offers is sorted. Offers that are equal in it follow (fingerprint, offerID), upwards in every order. */
export const OFFER_ORDERS = [
  "NAME_ASC",
  "NAME_DESC",
  "COST_ASC",
  "COST_DESC",
  "CREATED_ASC",
  "CREATED_DESC",
  "AVAILABLE_DESC",
] as const;
export type OfferOrder = (typeof OFFER_ORDERS)[number];

/** What offers are sorted by; a table that keeps these in columns sorts as {@link compareOffers} does. */
export interface SortKeys {
  /** Lower-cased name, compared by code point (PostgreSQL: COLLATE "C"). */
  readonly name: string;
  /** Currency of the cheapest plan: prices of two currencies cannot be compared, so the currency comes first. */
  readonly currency: string;
  /** Of the cheapest plan in that currency, in the unit of `monthlyCost`. */
  readonly monthlyCost: bigint;
  /** Unix seconds. */
  readonly created: number;
  /** Units left of all plans; 0 while the offer is paused. */
  readonly available: number;
}

/** The sort keys of an offer. */
export function sortKeysOf(offer: CatalogOffer): SortKeys {
  const [cheapest] = offer.plans
    .map((plan) => ({ currency: plan.planCostCurrency, monthlyCost: planMonthlyCost(plan) }))
    .sort(compareCost);
  return {
    name: offer.offerName.toLowerCase(),
    currency: cheapest?.currency ?? "",
    monthlyCost: cheapest?.monthlyCost ?? 0n,
    created: offer.created,
    available: offer.status ? offer.plans.reduce((sum, { planID }) => sum + stockOf(offer, planID), 0) : 0,
  };
}

type Comparison = (a: SortKeys, b: SortKeys) => number;

const COMPARISONS: Readonly<Record<OfferOrder, Comparison>> = {
  NAME_ASC: (a, b) => compareText(a.name, b.name),
  NAME_DESC: (a, b) => compareText(b.name, a.name),
  COST_ASC: compareCost,
  COST_DESC: (a, b) => compareCost(b, a),
  CREATED_ASC: (a, b) => a.created - b.created,
  CREATED_DESC: (a, b) => b.created - a.created,
  AVAILABLE_DESC: (a, b) => b.available - a.available,
};

/** A total order over the offers of a catalog: it never calls two different offers equal. */
export function compareOffers(order: OfferOrder): (a: CatalogOffer, b: CatalogOffer) => number {
  const compare = COMPARISONS[order];
  const keys = new WeakMap<CatalogOffer, SortKeys>();
  const keysOf = (offer: CatalogOffer): SortKeys => {
    const known = keys.get(offer) ?? sortKeysOf(offer);
    keys.set(offer, known);
    return known;
  };
  return (a, b) =>
    compare(keysOf(a), keysOf(b)) || compareText(a.fingerprint, b.fingerprint) || compareText(a.offerID, b.offerID);
}

type CostKeys = Pick<SortKeys, "currency" | "monthlyCost">;

function compareCost(a: CostKeys, b: CostKeys): number {
  if (a.currency !== b.currency) return compareText(a.currency, b.currency);
  if (a.monthlyCost === b.monthlyCost) return 0;
  return a.monthlyCost < b.monthlyCost ? -1 : 1;
}

/** Compares by code point, as bytes of UTF-8 compare; JavaScript's own `<` puts pairs of surrogates before U+E000. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
