import type { ContractTerms } from "../contract.js";
import { CatalogError } from "../errors.js";
import { decodeCanonical, sha256Base64url } from "./base64url.js";
import { readTerms } from "./contract-terms.js";
import { generalJws, parseGeneral, signatureOf, proveEntry, type GeneralSignature } from "./general-jws.js";
import { DOCUMENT_LIMITS, joinCompact, parseCompact, proveParts, TYP, type Signer } from "./jws.js";
import type { PublicJwk } from "./keys.js";

/** The buyer's signature on the seller's payload, as it is sent in `confirm`. */
export type ContractSignature = GeneralSignature;

/** Finds the key `kid` of a party by its fingerprint, from what is pinned; undefined if it is not that party's. */
export type PartyKeyOf = (kid: string, fingerprint: string) => PublicJwk | undefined | Promise<PublicJwk | undefined>;

/** The frozen terms, signed by the seller: a compact JWS of typ `catalog-contract+jwt`. */
export function signTerms(signer: Signer, terms: ContractTerms): Promise<string> {
  return signer.sign(TYP.contract, terms);
}

/** What `confirm` and `activate` carry: base64url of the SHA-256 of the payload segment as ASCII, the same for both signatures. */
export async function termsHash(termsJws: string): Promise<string> {
  const { payloadText } = parseCompact(termsJws, TYP.contract);
  return sha256Base64url(payloadText);
}

/** {@link termsHash} of a contract (General JWS text). */
export async function contractTermsHash(contract: string): Promise<string> {
  return sha256Base64url(parseGeneral(contract, TYP.contract, DOCUMENT_LIMITS[TYP.contract]).payloadText);
}

/** Base64url of the SHA-256 of the contract's text, for the buyer's receipt. */
export function contractHash(contract: string): Promise<string> {
  return sha256Base64url(contract);
}

/** The terms in a seller's JWS, proven by a key of the seller that they name. Throws {@link CatalogError} DOCUMENT_INVALID. */
export async function verifyTerms(termsJws: string, sellerKeyOf: PartyKeyOf): Promise<ContractTerms> {
  const parts = parseCompact(termsJws, TYP.contract);
  const terms = readTerms(parts.payload);
  await proveParts(parts, (kid) => sellerKeyOf(kid, terms.seller.fingerprint));
  return terms;
}

/** The buyer's signature on the very bytes of the seller's payload. */
export async function cosign(signer: Signer, termsJws: string): Promise<ContractSignature> {
  const { payloadText } = parseCompact(termsJws, TYP.contract);
  return signatureOf(await signer.signBytes(TYP.contract, decodeCanonical(payloadText)));
}

/** Verifies the buyer's signature on the seller's terms. Throws {@link CatalogError} DOCUMENT_INVALID. */
export async function verifyCosignature(
  termsJws: string,
  signature: ContractSignature,
  buyerKeyOf: PartyKeyOf,
): Promise<void> {
  const { payloadText, payload } = parseCompact(termsJws, TYP.contract);
  const parts = parseCompact(joinCompact(signature.protected, payloadText, signature.signature), TYP.contract);
  const { buyer } = readTerms(payload);
  await proveParts(parts, (kid) => buyerKeyOf(kid, buyer.fingerprint));
}

/** The contract: General JWS text with the seller's signature first, then the buyer's; the same bytes whoever assembles it. */
export function assemble(termsJws: string, buyerSignature: ContractSignature): string {
  const { payloadText } = parseCompact(termsJws, TYP.contract);
  return generalJws(termsJws, joinCompact(buyerSignature.protected, payloadText, buyerSignature.signature));
}

/**
 * The terms of a contract, once its form and exactly two signatures are proven, the first by a key of the seller that the
 * terms name, the second by one of the buyer. Throws {@link CatalogError} DOCUMENT_TOO_LARGE or DOCUMENT_INVALID.
 */
export async function verifyContract(
  text: string,
  sellerKeyOf: PartyKeyOf,
  buyerKeyOf: PartyKeyOf,
): Promise<ContractTerms> {
  const general = parseGeneral(text, TYP.contract, DOCUMENT_LIMITS[TYP.contract]);
  const terms = readTerms(general.payload);
  const sellerKid = await proveEntry(general, 0, (kid) => sellerKeyOf(kid, terms.seller.fingerprint));
  const buyerKid = await proveEntry(general, 1, (kid) => buyerKeyOf(kid, terms.buyer.fingerprint));
  if (sellerKid === buyerKid)
    throw new CatalogError("DOCUMENT_INVALID", "the contract: both signatures are by one key");
  return terms;
}
