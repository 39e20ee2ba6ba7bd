import { type ContractState, isEnded, type Party } from "@catalog/schema/contract";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import { termsDiffer } from "@catalog/schema/offer";
import { canonicalJson } from "./canonical-json.js";
import type { Contract, ContractTerms, PurchaseRequest } from "./contract.js";
import { seconds } from "./contract-change.js";
import { UNDECIDED } from "./sale.js";
import type { CatalogOffer } from "@catalog/schema/catalog";
import type { Offer } from "@catalog/schema/offer";

/** What the buyer has to do next for a contract, by its own record alone. */
export type NextStep = "RESERVE" | "SIGN" | "CONFIRM" | "ACTIVATE" | "TERMINATE" | "WAIT" | "NONE";

const BUYER_STEPS: Readonly<Record<ContractState, NextStep>> = {
  REQUESTED: "RESERVE",
  PENDING_APPROVAL: "WAIT",
  RESERVED: "SIGN",
  CONFIRMING: "CONFIRM",
  CONFIRMED: "ACTIVATE",
  ACTIVE: "NONE",
  REJECTED: "NONE",
  EXPIRED: "NONE",
  TERMINATED: "NONE",
  RENEWED: "NONE",
};

/** The next step. WAIT: the seller's admin has to decide; ask again later. TERMINATE is also a seller's, who has to tell its buyer. */
export function nextStep(contract: Contract): NextStep {
  if (isEnded(contract.state) && !contract.isToldOfEnd) return "TERMINATE";
  return contract.role === "BUYER" ? BUYER_STEPS[contract.state] : "NONE";
}

/** A purchase that has been decided here and is not known to the seller yet. */
export function requestedPurchase(
  request: PurchaseRequest,
  requestHash: string,
  requestID: string | null,
  parties: { readonly buyer: Party; readonly seller: Party; readonly sellerKey: PublicJwk },
  listed: { readonly offer: CatalogOffer; readonly digest: string },
  at: Date,
): Contract {
  return {
    contractID: request.contractID,
    role: "BUYER",
    state: "REQUESTED",
    counterparty: parties.seller.fingerprint,
    counterpartyKey: parties.sellerKey,
    requestID,
    request,
    requestHash,
    buyer: parties.buyer,
    seller: parties.seller,
    offer: offerIn(listed.offer),
    offerRev: listed.offer.rev,
    offerDigest: listed.digest,
    ...UNDECIDED,
    created: seconds(at),
    changed: seconds(at),
    validUntil: request.validUntil,
  };
}

/** The offer as its seller signed it, without what the Catalog adds. */
export function offerIn(listed: CatalogOffer): Offer {
  const { offerID, offerName, offerType, description, clusterPrettyName, created, status, plans } = listed;
  const { labels, approval, capacity, noticePeriod, minDuration } = listed;
  const head = { offerID, offerName, offerType, description, clusterPrettyName, created, status, plans };
  return { ...head, labels, approval, capacity, noticePeriod, minDuration };
}

/**
 * Compares the terms that the seller signed with what was decided here, field by field. What the seller alone decides (its deadlines, the
 * number of the offer's document, whether and how much it still sells) is bounded, not compared.
 * @returns the names of the fields that were not approved; empty if the terms may be signed.
 */
export function unapprovedFields(contract: Contract, terms: ContractTerms): readonly string[] {
  const { request, offer } = contract;
  const same: Readonly<Record<string, boolean>> = {
    contractID: terms.contractID === contract.contractID,
    renews: (terms.renews ?? null) === request.renews,
    buyer: canonicalJson(terms.buyer) === canonicalJson(contract.buyer),
    seller: canonicalJson(identityIn(terms.seller)) === canonicalJson(identityIn(contract.seller)),
    offer: offer !== null && !termsDiffer(terms.offer, offer),
    offerRev: terms.offerRev >= terms.termsRev,
    termsRev: terms.termsRev === request.termsRev,
    offerDigest: terms.offerRev !== contract.offerRev || terms.offerDigest === contract.offerDigest,
    planID: terms.planID === request.planID,
    units: terms.units === request.units,
    validUntil: (terms.validUntil ?? null) === request.validUntil,
    ackBy: terms.ackBy >= terms.reservedUntil && terms.reservedUntil >= terms.validFrom,
  };
  return Object.keys(same).filter((field) => !same[field]);
}

/** The part of the seller that must not differ; its names and addresses may change while an approval waits. */
function identityIn({ fingerprint, clusterID, clusterName, encKey, liqo }: Party): unknown {
  return { fingerprint, clusterID, clusterName, encKey, mode: liqo.mode };
}

/** How long to wait before the seller is asked again whether its admin has decided, in ms: 1 s at first, 5 s in the first hour, then half a minute. */
export function approvalPollMs(contract: Contract, at: Date): number {
  const ageMs = at.getTime() - contract.created * 1000;
  return Math.min(ageMs < 3_600_000 ? 5_000 : 30_000, Math.max(1_000, ageMs / 4));
}
