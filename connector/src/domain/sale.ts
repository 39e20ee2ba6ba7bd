import type { ErrorCode } from "@catalog/schema/errors";
import type { Party } from "@catalog/schema/contract";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import type { Plan } from "@catalog/schema/offer";
import { type Contract, type ContractTerms, NO_DOCUMENTS, planOf, type PurchaseRequest } from "./contract.js";
import { seconds } from "./contract-change.js";
import type { NegotiationSettings } from "./negotiation-settings.js";
import type { OwnOffer } from "./own-offer.js";

/** Why a request is not granted. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What the seller knows when it judges a request. */
export interface SaleContext {
  readonly offer: OwnOffer | undefined;
  /** The buyer's contracts here that are neither active nor ended. */
  readonly pending: readonly Contract[];
  /** Unix seconds until when the buyer may not reserve this plan. */
  readonly blockedUntil: number;
  readonly at: Date;
  readonly settings: NegotiationSettings;
}

/** Decides what does not depend on the stock; undefined if nothing stands against the request. */
export function refusalOf(request: PurchaseRequest, context: SaleContext): Refusal | undefined {
  const { offer } = context;
  if (offer === undefined || offer.isWithdrawn)
    return refuse("OFFER_NOT_FOUND", `There is no offer ${request.offerID} here (any more).`);
  if (offer.termsRev !== request.termsRev) {
    return refuse(
      "OFFER_CHANGED",
      `The terms of offer ${request.offerID} have changed since you read them. Read it again and decide anew.`,
    );
  }
  if (!offer.offer.status) return refuse("OFFER_PAUSED", `Offer ${request.offerID} is not on sale at the moment.`);
  const plan = offer.offer.plans.find((one) => one.planID === request.planID);
  if (plan === undefined) return refuse("PLAN_NOT_FOUND", `Offer ${request.offerID} has no plan ${request.planID}.`);
  return durationRefusal(request, offer, context.at) ?? limitRefusal(request, plan, context);
}

function durationRefusal(request: PurchaseRequest, offer: OwnOffer, at: Date): Refusal | undefined {
  if (request.validUntil === null) return undefined;
  const shortest = Math.max(1, offer.offer.minDuration ?? 0);
  if (request.validUntil - seconds(at) >= shortest) return undefined;
  return refuse(
    "DURATION_TOO_SHORT",
    `validUntil must be at least ${shortest} s from now: offer ${request.offerID} is not sold for less.`,
  );
}

function limitRefusal(request: PurchaseRequest, plan: Plan, context: SaleContext): Refusal | undefined {
  const { pending, settings, at } = context;
  if (seconds(at) < context.blockedUntil) {
    const wait = context.blockedUntil - seconds(at);
    return refuse(
      "BUYER_BLOCKED",
      `A reservation of plan ${plan.planID} by your cluster has lapsed; it may reserve it again in ${wait} s.`,
    );
  }
  if (pending.length >= settings.pendingPerBuyer) {
    return refuse(
      "BUYER_LIMIT_REACHED",
      `Your cluster has ${pending.length} contracts here that are not active yet; finish or end one first.`,
    );
  }
  const onPlan = pending.filter(
    (one) => one.request.offerID === request.offerID && one.request.planID === request.planID,
  );
  const units = onPlan.reduce((sum, one) => sum + one.request.units, request.units);
  if (onPlan.length > 0 && units * 100 > plan.planQuantity * settings.pendingSharePercent) {
    return refuse(
      "BUYER_LIMIT_REACHED",
      `Contracts of your cluster that are not active yet may take ${settings.pendingSharePercent} % of plan ${plan.planID}; activate the first before you reserve more.`,
    );
  }
  return units > plan.planQuantity || request.units > plan.planQuantity ? outOfStock(request) : undefined;
}

/** Fewer units are left than were asked for. */
export function outOfStock(request: Pick<PurchaseRequest, "offerID" | "planID" | "units">): Refusal {
  return refuse(
    "OUT_OF_STOCK",
    `Fewer than ${request.units} units of plan ${request.planID} of offer ${request.offerID} are left.`,
  );
}

function refuse(code: ErrorCode, message: string): Refusal {
  return { code, message };
}

/** Who asks, as its proof and its request say. */
export interface BuyerIdentity {
  readonly fingerprint: string;
  readonly signingKey: PublicJwk;
}

/** A request that is being judged: a sold contract in state REQUESTED, which is never stored as such. */
export function requestedSale(
  request: PurchaseRequest,
  requestHash: string,
  parties: { readonly buyer: BuyerIdentity; readonly seller: Party },
  offer: OwnOffer | undefined,
  at: Date,
): Contract {
  return {
    contractID: request.contractID,
    role: "SELLER",
    state: "REQUESTED",
    counterparty: parties.buyer.fingerprint,
    counterpartyKey: parties.buyer.signingKey,
    requestID: null,
    request,
    requestHash,
    buyer: { fingerprint: parties.buyer.fingerprint, ...request.buyer },
    seller: parties.seller,
    offer: offer?.offer ?? null,
    offerRev: offer?.rev ?? 0,
    offerDigest: offer?.digest ?? "",
    ...UNDECIDED,
    created: seconds(at),
    changed: seconds(at),
    validUntil: request.validUntil,
  };
}

/** What every contract begins with. */
export const UNDECIDED = {
  version: 0,
  incarnation: "",
  documents: NO_DOCUMENTS,
  code: null,
  message: null,
  validFrom: null,
  approveBy: null,
  reservedUntil: null,
  ackBy: null,
  activatedAt: null,
  endedAt: null,
  releasedAt: null,
  isHolding: false,
  isToldOfEnd: true,
  isBreach: false,
  isRestored: false,
  isReleasedByForce: false,
  isOverdue: false,
} as const;

/** The terms that are frozen when units are reserved at `at` for `reservation` seconds. */
export function termsOf(
  contract: Contract,
  seller: Party,
  at: Date,
  periods: { reservation: number; acknowledgement: number },
): ContractTerms {
  const { request, offer } = contract;
  const plan = planOf(contract);
  if (offer === null || plan === undefined) throw new TypeError(`contract ${contract.contractID} has no plan to sell`);
  const reservedUntil = seconds(at) + periods.reservation;
  return {
    v: 1,
    contractID: contract.contractID,
    ...(request.renews === null ? {} : { renews: request.renews }),
    buyer: contract.buyer,
    seller,
    offer,
    offerRev: contract.offerRev,
    termsRev: request.termsRev,
    offerDigest: contract.offerDigest,
    planID: plan.planID,
    units: request.units,
    resources: plan.resources,
    cost: plan.planCost,
    currency: plan.planCostCurrency,
    period: plan.planCostPeriod,
    ...(offer.noticePeriod === null ? {} : { noticePeriod: offer.noticePeriod }),
    validFrom: seconds(at),
    ...(request.validUntil === null ? {} : { validUntil: request.validUntil }),
    reservedUntil,
    ackBy: reservedUntil + periods.acknowledgement,
  };
}

/** How long a buyer is kept from a plan after its reservation lapsed once more: doubles from the first time on, up to the maximum. */
export function blockAfter(
  lapsesBefore: number,
  at: Date,
  settings: NegotiationSettings,
): { lapses: number; blockedUntil: number } {
  const wait = Math.min(settings.lapseBlockMax, settings.lapseBlock * 2 ** Math.min(lapsesBefore, 30));
  return { lapses: lapsesBefore + 1, blockedUntil: seconds(at) + wait };
}

/** Whether ending this sold contract now breaks the notice that its seller promised. */
export function isInsideNotice(contract: Contract): boolean {
  return contract.state === "ACTIVE" && (contract.offer?.noticePeriod ?? 0) > 0;
}
