import type { CatalogOffer } from "@catalog/schema/catalog";
import type { Descriptor } from "@catalog/schema/documents/descriptor";
import type { OfferDocument, Withdrawal } from "@catalog/schema/documents/offer-document";
import type { FeedKind } from "@catalog/schema/feed";
import { toMicros } from "@catalog/schema/money";
import { planMonthlyCost, searchText } from "@catalog/schema/offer-filter";
import { sortKeysOf } from "@catalog/schema/offer-order";
import type { Plan } from "@catalog/schema/offer";
import { toAmounts } from "@catalog/schema/resource-list";

/** A verified document on its way into the catalog, with the columns by which it is found. Bigints are decimal strings. */
export interface ItemDocument {
  readonly fingerprint: string;
  readonly kind: FeedKind;
  /** Empty for a CLUSTER. */
  readonly offer_id: string;
  readonly cluster_id: string;
  /** `rev` or `seq`. */
  readonly number: number;
  readonly digest: string;
  readonly jws: string;
  readonly withdrawn: boolean;
  readonly search_text: string;
  readonly cluster_name?: string;
  readonly offer_name?: string;
  readonly sort_name?: string;
  readonly offer_type?: string;
  readonly created?: number;
  readonly on_sale?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly cost_currency?: string;
  readonly cost_monthly?: string;
  readonly available?: number;
  readonly plans?: readonly PlanColumns[];
}

/** One plan as a filter compares it. */
export interface PlanColumns {
  readonly plan_id: string;
  readonly currency: string;
  readonly cost_micros: string;
  readonly cost_monthly: string;
  readonly available: number;
  /** JSON object from canonical resource name to whole nano-units, as text: the numbers may exceed what a double holds. */
  readonly amounts: string;
}

/** A signed document with its digest. */
export interface Signed {
  readonly jws: string;
  readonly digest: string;
}

/** The CLUSTER item of a verified descriptor. Its search text is what a search for offers cannot find in the offers themselves. */
export function clusterItem(descriptor: Descriptor, signed: Signed): ItemDocument {
  return {
    ...signed,
    fingerprint: descriptor.iss,
    kind: "CLUSTER",
    offer_id: "",
    cluster_id: descriptor.clusterID,
    number: descriptor.seq,
    withdrawn: false,
    cluster_name: descriptor.clusterName,
    search_text: descriptor.clusterName.toLowerCase(),
  };
}

/** The OFFER item of a verified offer document. */
export function offerItem(document: OfferDocument, clusterID: string, signed: Signed): ItemDocument {
  const offer = asListed(document, clusterID, signed.jws);
  const keys = sortKeysOf(offer);
  return {
    ...signed,
    fingerprint: document.iss,
    kind: "OFFER",
    offer_id: offer.offerID,
    cluster_id: clusterID,
    number: document.rev,
    withdrawn: false,
    search_text: searchText(offer),
    offer_name: offer.offerName,
    sort_name: keys.name,
    offer_type: offer.offerType,
    created: keys.created,
    on_sale: offer.status,
    labels: offer.labels,
    cost_currency: keys.currency,
    cost_monthly: String(keys.monthlyCost),
    available: keys.available,
    plans: offer.plans.map((plan) => planColumns(plan, document.stock[plan.planID] ?? 0)),
  };
}

/** The OFFER item that a verified withdrawal leaves behind. */
export function withdrawnItem(withdrawal: Withdrawal, clusterID: string, signed: Signed): ItemDocument {
  return {
    ...signed,
    fingerprint: withdrawal.iss,
    kind: "OFFER",
    offer_id: withdrawal.offerID,
    cluster_id: clusterID,
    number: withdrawal.rev,
    withdrawn: true,
    search_text: "",
  };
}

/** The cluster's own name stands in its CLUSTER item, so that renaming a cluster rewrites one row. */
function asListed(document: OfferDocument, clusterID: string, jws: string): CatalogOffer {
  const { offer, iss: fingerprint, rev, termsRev, stock } = document;
  return { ...offer, fingerprint, clusterID, clusterName: "", rev, termsRev, stock, staleSince: null, jws };
}

function planColumns(plan: Plan, available: number): PlanColumns {
  const amounts = Object.entries(toAmounts(plan.resources)).map(
    ([name, amount]) => `${JSON.stringify(name)}:${amount}`,
  );
  return {
    plan_id: plan.planID,
    currency: plan.planCostCurrency,
    cost_micros: String(toMicros(plan.planCost)),
    cost_monthly: String(planMonthlyCost(plan)),
    available,
    amounts: `{${amounts.join(",")}}`,
  };
}
