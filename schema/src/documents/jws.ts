import { CompactSign, compactVerify, importJWK } from "jose";
import { CatalogError } from "../errors.js";
import { decodeCanonical, sha256Base64url } from "./base64url.js";
import { thumbprint, verificationKey, type IdentityKeys, type PublicJwk } from "./keys.js";
import { parseStrictObject, shown, type JsonObject } from "./strict-json.js";

/** The `typ` of every signed document. A signature made for one kind of document is never valid for another. */
export const TYP = {
  descriptor: "catalog-descriptor+jwt",
  offer: "catalog-offer+jwt",
  withdrawal: "catalog-withdrawal+jwt",
  request: "catalog-req+jwt",
  challenge: "catalog-challenge+jwt",
  enrol: "catalog-enrol+jwt",
  contract: "catalog-contract+jwt",
  receipt: "catalog-receipt+jwt",
  activation: "catalog-activation+jwt",
  notice: "catalog-notice+jwt",
  peering: "catalog-peering+jwt",
  rotation: "catalog-rotation+jwt",
} as const;

export type DocumentTyp = (typeof TYP)[keyof typeof TYP];

/** Largest compact form of each document, in bytes; a larger one is refused before it is parsed. */
export const DOCUMENT_LIMITS: Readonly<Record<DocumentTyp, number>> = {
  [TYP.descriptor]: 14_336,
  [TYP.offer]: 32_768,
  [TYP.withdrawal]: 2_048,
  [TYP.request]: 2_048,
  [TYP.challenge]: 2_048,
  [TYP.enrol]: 2_048,
  [TYP.contract]: 65_536,
  [TYP.receipt]: 2_048,
  [TYP.activation]: 2_048,
  [TYP.notice]: 8_192,
  [TYP.peering]: 32_768,
  [TYP.rotation]: 2_048,
};

/** The protected header of every JWS: these three members and no other. */
export interface JwsHeader {
  readonly alg: "EdDSA" | "Ed25519";
  readonly typ: DocumentTyp;
  readonly kid: string;
}

/** What a compact JWS says; from `peekJws` nothing of it is proven. */
export interface JwsContent<T> {
  readonly header: JwsHeader;
  readonly payload: T;
}

/** A compact JWS taken apart; the parts are canonical base64url. Nothing is proven until {@link proveParts} has been. */
export interface JwsParts extends JwsContent<JsonObject> {
  readonly text: string;
  readonly protectedText: string;
  readonly payloadText: string;
  readonly signatureText: string;
}

/** Finds the public key for a `kid`, from verified descriptors only; undefined if the kid is not the issuer's. */
export type KeyOf = (kid: string) => PublicJwk | undefined | Promise<PublicJwk | undefined>;

/** Signs as one identity, with the key in use. */
export interface Signer {
  readonly kid: string;
  readonly fingerprint: string;
  /** Compact JWS of `payload`, serialised by JSON.stringify, with header {alg: EdDSA, typ, kid}. */
  sign(typ: DocumentTyp, payload: object): Promise<string>;
  /** Compact JWS of the very bytes given, for a second signature on a payload that another party serialised. */
  signBytes(typ: DocumentTyp, payload: Uint8Array): Promise<string>;
}

/** A signer with the signing key of `keys`. */
export async function signerFrom(keys: IdentityKeys): Promise<Signer> {
  const key = await importJWK({ ...keys.signing.privateJwk }, "EdDSA");
  const kid = keys.signing.kid;
  const signBytes = (typ: DocumentTyp, payload: Uint8Array): Promise<string> =>
    new CompactSign(payload).setProtectedHeader({ alg: "EdDSA", typ, kid }).sign(key);
  return {
    kid,
    fingerprint: keys.fingerprint,
    signBytes,
    sign: (typ, payload) => signBytes(typ, new TextEncoder().encode(JSON.stringify(payload))),
  };
}

/**
 * Header and payload of `jws` once everything about it is proven: size, canonical form, header, typ, key, signature.
 * The payload's members are not checked here. Throws {@link CatalogError} DOCUMENT_TOO_LARGE or DOCUMENT_INVALID.
 */
export async function verifyJws<T = JsonObject>(
  jws: string,
  typ: DocumentTyp,
  keyOf: KeyOf,
  maxBytes = DOCUMENT_LIMITS[typ],
): Promise<JwsContent<T>> {
  const parts = parseCompact(jws, typ, maxBytes);
  await proveParts(parts, keyOf);
  return { header: parts.header, payload: parts.payload as T };
}

/**
 * Proves that a key which `keyOf` finds for the kid has signed, and that the kid is that key's. Throws
 * {@link CatalogError} DOCUMENT_INVALID.
 */
export async function proveParts(parts: JwsParts, keyOf: KeyOf): Promise<void> {
  const { kid, typ } = parts.header;
  const jwk = await keyOf(kid);
  if (jwk === undefined) {
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: the key ${kid} is not one that may sign this document`);
  }
  if ((await thumbprint(jwk)) !== kid) {
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: kid ${kid} is not the thumbprint of the key it is used for`);
  }
  try {
    await compactVerify(parts.text, await verificationKey(jwk), { algorithms: ["EdDSA", "Ed25519"] });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: the signature is not one of the key ${kid} (${reason})`);
  }
}

/** Header and payload of `jws` without any proof of who made it: for routing and for index columns. Same errors as {@link verifyJws}. */
export function peekJws<T = JsonObject>(jws: string, typ?: DocumentTyp, maxBytes?: number): JwsContent<T> {
  const { header, payload } = parseCompact(jws, typ, maxBytes);
  return { header, payload: payload as T };
}

/** `header.payload` of a compact JWS: the bytes that are signed and that identify the document. */
export function signingInput(jws: string): string {
  const { protectedText, payloadText } = splitCompact(jws, "a JWS");
  return `${protectedText}.${payloadText}`;
}

/** Base64url of the SHA-256 of `header.payload`: equal digests, equal documents, whatever the signature bytes. */
export async function digest(jws: string): Promise<string> {
  return sha256Base64url(signingInput(jws));
}

/** Takes a compact JWS apart, strictly; nothing is proven about who made it. */
export function parseCompact(jws: string, typ?: DocumentTyp, maxBytes?: number): JwsParts {
  const subject = typ ?? "a JWS";
  checkSize(
    jws,
    subject,
    maxBytes ?? (typ === undefined ? Math.max(...Object.values(DOCUMENT_LIMITS)) : DOCUMENT_LIMITS[typ]),
  );
  const segments = splitCompact(jws, subject);
  if (decodeCanonical(segments.signatureText).length !== 64)
    throw new CatalogError("DOCUMENT_INVALID", `${subject}: an Ed25519 signature has 64 bytes`);
  const header = parseHeader(segments.protectedText, typ);
  return {
    text: jws,
    ...segments,
    header,
    payload: parseStrictObject(decodeCanonical(segments.payloadText), `${subject}: the payload`),
  };
}

/** Throws DOCUMENT_TOO_LARGE if `text` is longer than `maxBytes`, DOCUMENT_INVALID if it is not a string at all. */
export function checkSize(text: unknown, subject: string, maxBytes: number): asserts text is string {
  if (typeof text !== "string") throw new CatalogError("DOCUMENT_INVALID", `${subject} is not a string`);
  if (text.length > maxBytes)
    throw new CatalogError(
      "DOCUMENT_TOO_LARGE",
      `${subject} has ${text.length} bytes; at most ${maxBytes} are allowed`,
    );
}

function splitCompact(jws: string, subject: string): Pick<JwsParts, "protectedText" | "payloadText" | "signatureText"> {
  const [protectedText, payloadText, signatureText, ...rest] = jws.split(".", 4);
  if (protectedText === undefined || payloadText === undefined || signatureText === undefined || rest.length > 0) {
    throw new CatalogError("DOCUMENT_INVALID", `${subject}: a compact JWS has exactly three segments`);
  }
  return { protectedText, payloadText, signatureText };
}

function parseHeader(text: string, typ: DocumentTyp | undefined): JwsHeader {
  const subject = typ ?? "a JWS";
  const header = parseStrictObject(decodeCanonical(text), `${subject}: the header`);
  const extra = Object.keys(header).find((name) => !["alg", "typ", "kid"].includes(name));
  if (extra !== undefined)
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `${subject}: the header member ${shown(extra)} is not allowed; alg, typ and kid are`,
    );
  if (header["alg"] !== "EdDSA" && header["alg"] !== "Ed25519")
    throw new CatalogError("DOCUMENT_INVALID", `${subject}: alg must be EdDSA (or Ed25519)`);
  if (!isTyp(header["typ"]) || (typ !== undefined && header["typ"] !== typ)) {
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `typ is ${shown(header["typ"])} where ${typ ?? "the typ of a catalog document"} is expected`,
    );
  }
  const kid = header["kid"];
  if (typeof kid !== "string" || !/^[A-Za-z0-9_-]{43}$/.test(kid))
    throw new CatalogError("DOCUMENT_INVALID", `${subject}: kid must be a key's SHA-256 thumbprint`);
  return { alg: header["alg"], typ: header["typ"], kid };
}

function isTyp(value: unknown): value is DocumentTyp {
  return Object.values<unknown>(TYP).includes(value);
}

/** Compact form of the parts of one signature. */
export function joinCompact(protectedText: string, payloadText: string, signatureText: string): string {
  return `${protectedText}.${payloadText}.${signatureText}`;
}
