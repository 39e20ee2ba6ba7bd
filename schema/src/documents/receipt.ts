import { parseCompact, proveParts, TYP, type DocumentTyp, type Signer } from "./jws.js";
import { Members } from "./members.js";
import type { PartyKeyOf } from "./contract-document.js";

/** The buyer holds the co-signed contract. */
export interface Receipt {
  /** The buyer's fingerprint. */
  readonly iss: string;
  readonly contractID: string;
  readonly termsHash: string;
  /** Base64url of the SHA-256 of the contract's text (General JWS). */
  readonly contractHash: string;
  /** Unix seconds. */
  readonly iat: number;
}

/** The seller's word that the contract is active. */
export interface Activation {
  /** The seller's fingerprint. */
  readonly iss: string;
  readonly contractID: string;
  readonly termsHash: string;
  /** Unix seconds. */
  readonly activatedAt: number;
  /** The seller's incarnation at that time. */
  readonly incarnation: string;
}

/** One party's word that the contract has ended. */
export interface Notice {
  readonly iss: string;
  readonly contractID: string;
  readonly reason: string | null;
  /** Unix seconds. */
  readonly at: number;
  /** The seller ends it inside the notice period, knowingly. */
  readonly force?: boolean;
}

/** Who must have signed, and about which contract. */
export interface PartyExpectation {
  readonly iss: string;
  readonly contractID: string;
  readonly keyOf: PartyKeyOf;
}

/** {@link PartyExpectation} of a document that names the frozen terms. */
export interface TermsExpectation extends PartyExpectation {
  readonly termsHash: string;
}

const INCARNATION = /^[0-9]{13}-[A-Za-z0-9_-]{4,64}$/;

/** Compact JWS of a receipt. */
export function signReceipt(signer: Signer, receipt: Receipt): Promise<string> {
  return signer.sign(TYP.receipt, receipt);
}

/** The buyer's receipt for exactly this contract. Throws {@link CatalogError} DOCUMENT_INVALID. */
export async function verifyReceipt(
  jws: string,
  expect: TermsExpectation & { readonly contractHash: string },
): Promise<Receipt> {
  const members = await verifyOf(jws, TYP.receipt, "the receipt", expect);
  members.equal("termsHash", expect.termsHash, "the hash of the frozen terms");
  members.equal("contractHash", expect.contractHash, "the hash of the contract");
  const { iss, contractID, termsHash, contractHash } = expect;
  return { iss, contractID, termsHash, contractHash, iat: members.integer("iat") };
}

/** Compact JWS of an activation. */
export function signActivation(signer: Signer, activation: Activation): Promise<string> {
  return signer.sign(TYP.activation, activation);
}

/** The seller's activation of exactly these terms. Throws {@link CatalogError} DOCUMENT_INVALID. */
export async function verifyActivation(jws: string, expect: TermsExpectation): Promise<Activation> {
  const members = await verifyOf(jws, TYP.activation, "the activation", expect);
  members.equal("termsHash", expect.termsHash, "the hash of the frozen terms");
  return {
    iss: expect.iss,
    contractID: expect.contractID,
    termsHash: expect.termsHash,
    activatedAt: members.integer("activatedAt"),
    incarnation: members.matching("incarnation", INCARNATION, "must be <13 digits of Unix ms>-<random>"),
  };
}

/** Compact JWS of a notice. */
export function signNotice(signer: Signer, notice: Notice): Promise<string> {
  return signer.sign(TYP.notice, notice);
}

/** The notice of the party `iss` that ends this contract. Throws {@link CatalogError} DOCUMENT_INVALID. */
export async function verifyNotice(jws: string, expect: PartyExpectation): Promise<Notice> {
  const members = await verifyOf(jws, TYP.notice, "the notice", expect);
  const force = members.optional("force", (name) => members.flag(name));
  return {
    iss: expect.iss,
    contractID: expect.contractID,
    reason: members.nullable("reason", (name) => members.text(name, 1024)),
    at: members.integer("at"),
    ...(force === undefined ? {} : { force }),
  };
}

async function verifyOf(jws: string, typ: DocumentTyp, subject: string, expect: PartyExpectation): Promise<Members> {
  const parts = parseCompact(jws, typ);
  const members = new Members(subject, parts.payload);
  members.equal("iss", expect.iss, "the fingerprint of the party");
  members.equal("contractID", expect.contractID, "the contract's id");
  await proveParts(parts, (kid) => expect.keyOf(kid, expect.iss));
  return members;
}
