import type { Offer } from "@catalog/schema/offer";
import { offerFrom } from "@catalog/schema/offer-defaults";
import type { MyOfferView } from "./api/views.js";
import type { FiledOffer } from "./offer-files.js";

/** One member that would change: where, from what, to what; undefined where there is nothing. */
export interface Difference {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What applying an offer would do. */
export interface OfferChange {
  readonly offerID: string;
  readonly change: "create" | "update" | "none";
  readonly differences: readonly Difference[];
}

/** What applying `wanted` would change of `present`, which is undefined where there is no such offer. */
export function offerChange(wanted: FiledOffer, present: MyOfferView | undefined): OfferChange {
  const { offerID } = wanted;
  if (present === undefined) return { offerID, change: "create", differences: [] };
  const after = comparable(
    offerFrom({ ...wanted, status: wanted.status ?? present.status }, { offerID, clusterPrettyName: "", created: 0 }),
  );
  const differences = differing(comparable(present), after, "");
  return { offerID, change: differences.length === 0 ? "none" : "update", differences };
}

/** What both sides have and an author writes; plans by their ids. */
function comparable(offer: Omit<Offer, "clusterPrettyName" | "created">): Readonly<Record<string, unknown>> {
  const { offerName, offerType, description, status, labels, approval, capacity, noticePeriod, minDuration } = offer;
  const plans = offer.plans.map((plan) => {
    const { planName, planCost, planCostCurrency, planCostPeriod, planQuantity, resources } = plan;
    return [plan.planID, { planName, planCost, planCostCurrency, planCostPeriod, planQuantity, resources }] as const;
  });
  const head = { offerName, offerType, description, status, labels, approval, capacity, noticePeriod, minDuration };
  return { ...head, plans: Object.fromEntries(plans) };
}

function differing(from: unknown, to: unknown, path: string): Difference[] {
  if (isRecord(from) && isRecord(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted();
    return names.flatMap((name) => differing(from[name], to[name], path === "" ? name : `${path}.${name}`));
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
