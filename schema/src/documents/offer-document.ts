import type { Offer } from "../offer.js";
import { keyFor, type IdentityDescriptor } from "./descriptor.js";
import { parseCompact, proveParts, TYP, type Signer } from "./jws.js";
import { Members } from "./members.js";
import { readOffer } from "./offer-members.js";

/** An offer as its provider signed it. */
export interface OfferDocument {
  readonly iss: string;
  /** Rises with every change of the offer, its stock included. */
  readonly rev: number;
  /** The `rev` at which the terms last changed. */
  readonly termsRev: number;
  /** Unix seconds. */
  readonly iat: number;
  readonly offer: Offer;
  /** Units left of every plan. */
  readonly stock: Readonly<Record<string, number>>;
}

/** Takes an offer off every Broker; numbered as the offer was. */
export interface Withdrawal {
  readonly iss: string;
  readonly rev: number;
  readonly iat: number;
  readonly offerID: string;
}

/** Compact JWS of an offer. */
export function signOffer(signer: Signer, document: OfferDocument): Promise<string> {
  return signer.sign(TYP.offer, document);
}

/**
 * The offer in `jws`, proven to be of the identity that `descriptor` (verified) describes and valid as an offer. Whether
 * its `rev` is newer than what is known is the caller's affair. Throws {@link CatalogError} DOCUMENT_TOO_LARGE or
 * DOCUMENT_INVALID.
 */
export async function verifyOffer(jws: string, descriptor: IdentityDescriptor): Promise<OfferDocument> {
  const parts = parseCompact(jws, TYP.offer);
  const members = new Members("the offer document", parts.payload);
  const rev = readNumbered(members, descriptor);
  await proveParts(parts, (kid) => keyFor(descriptor, kid, rev));
  const offer = readOffer(members);
  return {
    iss: descriptor.iss,
    rev,
    termsRev: members.integer("termsRev", 1, rev),
    iat: members.integer("iat"),
    offer,
    stock: readStock(members, offer),
  };
}

/** Compact JWS of a withdrawal. */
export function signWithdrawal(signer: Signer, withdrawal: Withdrawal): Promise<string> {
  return signer.sign(TYP.withdrawal, withdrawal);
}

/** The withdrawal in `jws`, proven to be of the identity that `descriptor` (verified) describes. Errors as {@link verifyOffer}. */
export async function verifyWithdrawal(jws: string, descriptor: IdentityDescriptor): Promise<Withdrawal> {
  const parts = parseCompact(jws, TYP.withdrawal);
  const members = new Members("the withdrawal", parts.payload);
  const rev = readNumbered(members, descriptor);
  await proveParts(parts, (kid) => keyFor(descriptor, kid, rev));
  return { iss: descriptor.iss, rev, iat: members.integer("iat"), offerID: members.id("offerID") };
}

/** Checks the issuer before the signature: another's document is refused without any cryptography. */
function readNumbered(members: Members, descriptor: IdentityDescriptor): number {
  members.equal("iss", descriptor.iss, "the fingerprint of its cluster");
  return members.integer("rev", 1);
}

function readStock(members: Members, offer: Offer): Readonly<Record<string, number>> {
  const stock = members.nested("stock");
  const names = Object.keys(members.object("stock"));
  if (names.length !== offer.plans.length)
    throw members.refuse("stock", "must name every plan of the offer exactly once");
  return Object.fromEntries(offer.plans.map((plan) => [plan.planID, stock.integer(plan.planID, 0, plan.planQuantity)]));
}
