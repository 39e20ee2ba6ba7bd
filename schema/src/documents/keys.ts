import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey } from "jose";
import { CatalogError } from "../errors.js";
import { isObject } from "../field-checks.js";
import { isBase64urlOf } from "./base64url.js";
import { shown } from "./strict-json.js";

/** A public key as RFC 8037 writes it: Ed25519 for signatures, X25519 for encryption; `x` is 32 bytes as base64url. */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519" | "X25519";
  readonly x: string;
}

/** A private key; `d` is 32 bytes as base64url. Never leaves the data directory or the Secret that holds it. */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

/** Both halves of one key and its RFC 7638 SHA-256 thumbprint. */
export interface IdentityKeyPair {
  readonly publicJwk: PublicJwk;
  readonly privateJwk: PrivateJwk;
  readonly kid: string;
}

/** The keys of one party. `fingerprint` is the thumbprint of its first signing key, for ever. */
export interface IdentityKeys {
  readonly signing: IdentityKeyPair;
  readonly encryption: IdentityKeyPair;
  readonly fingerprint: string;
}

/** New keys of a new identity. */
export async function generateIdentity(): Promise<IdentityKeys> {
  const signing = await generatePair("EdDSA", "Ed25519");
  const encryption = await generatePair("ECDH-ES", "X25519");
  return { signing, encryption, fingerprint: signing.kid };
}

/** RFC 7638 SHA-256 thumbprint of a public key, base64url, 43 characters. */
export function thumbprint(jwk: PublicJwk): Promise<string> {
  return remembered(thumbprints, `${jwk.crv}.${jwk.x}`, () =>
    calculateJwkThumbprint({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }, "sha256"),
  );
}

/** The Ed25519 key `jwk` in the form that WebCrypto verifies with. */
export function verificationKey(jwk: PublicJwk): Promise<CryptoKey> {
  return remembered(verificationKeys, jwk.x, () => importJWK({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }, "EdDSA"));
}

/** Both take longer than a signature, and a cluster signs thousands of documents with one key. */
const thumbprints = new Map<string, Promise<string>>();
const verificationKeys = new Map<string, Promise<CryptoKey>>();
const REMEMBERED = 1024;

function remembered<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const [oldest] = memory.keys();
  if (memory.size >= REMEMBERED && oldest !== undefined) memory.delete(oldest);
  const made = make();
  memory.set(key, made);
  return made;
}

/**
 * The public key that `value` describes, with the members kty, crv and x alone. Throws {@link CatalogError}
 * DOCUMENT_INVALID for another curve, another member (a private `d` above all) or a key that is not 32 canonical bytes.
 */
export function parsePublicJwk(value: unknown, crv: PublicJwk["crv"], subject: string): PublicJwk {
  const jwk = isObject(value) ? value : {};
  const extra = Object.keys(jwk).find((name) => !["kty", "crv", "x"].includes(name));
  if (extra !== undefined)
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `${subject} has a member ${shown(extra)}; a public key has kty, crv and x alone`,
    );
  if (jwk["kty"] !== "OKP" || jwk["crv"] !== crv || !isBase64urlOf(jwk["x"], 32)) {
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `${subject} is not a public ${crv} key of the form {"kty":"OKP","crv":"${crv}","x":"<32 bytes, base64url>"}`,
    );
  }
  return { kty: "OKP", crv, x: jwk["x"] };
}

async function generatePair(alg: "EdDSA" | "ECDH-ES", crv: PublicJwk["crv"]): Promise<IdentityKeyPair> {
  const { privateKey } = await generateKeyPair(alg, { crv, extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (x === undefined || d === undefined)
    throw new CatalogError("INTERNAL_SERVER_ERROR", `the platform made a ${crv} key without x or d`);
  const publicJwk: PublicJwk = { kty: "OKP", crv, x };
  return { publicJwk, privateJwk: { ...publicJwk, d }, kid: await thumbprint(publicJwk) };
}
