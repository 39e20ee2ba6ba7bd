import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from "node:crypto";
import type { IdentityKeys, PrivateJwk } from "@catalog/schema/documents/keys";

/*
 * Signed documents by WIRE.md sections 2 and 5 with nothing but Node's own cryptography, so that every byte of them can be
 * what it may not be.
 */

/** Members of a JWS header or payload. */
export type Members = Readonly<Record<string, unknown>>;

export const b64u = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString("base64url");
export const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("base64url");
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
/** 128 random bits, base64url. */
export const randomID = (): string => randomBytes(16).toString("base64url");

const imported = new WeakMap<PrivateJwk, KeyObject>();
function privateKey(jwk: PrivateJwk): KeyObject {
  const known = imported.get(jwk) ?? createPrivateKey({ key: { ...jwk }, format: "jwk" });
  imported.set(jwk, known);
  return known;
}

/** Compact JWS over exactly these segments, which need not be what a JWS may hold. */
export function signSegments(keys: IdentityKeys, header: string, payload: string): string {
  const signature = sign(null, Buffer.from(`${header}.${payload}`), privateKey(keys.signing.privateJwk));
  return `${header}.${payload}.${signature.toString("base64url")}`;
}

/** Compact JWS of exactly these texts. */
export function signTexts(keys: IdentityKeys, header: string | Uint8Array, payload: string | Uint8Array): string {
  return signSegments(keys, b64u(header), b64u(payload));
}

/** A document as WIRE.md section 2.1 wants it; `header` replaces or adds members of its header. */
export function signDocument(keys: IdentityKeys, typ: string, payload: Members, header: Members = {}): string {
  const full = { alg: "EdDSA", typ, kid: keys.signing.kid, ...header };
  return signTexts(keys, JSON.stringify(full), JSON.stringify(payload));
}

/** The document with the spare bits of one segment's last character set: the same bytes in another text. */
export function spareBits(jws: string, segment: 0 | 1 | 2): string | undefined {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const segments = jws.split(".");
  const text = segments[segment] ?? "";
  if (text.length % 4 === 0) return undefined;
  segments[segment] = text.slice(0, -1) + (alphabet[alphabet.indexOf(text.slice(-1)) + 1] ?? "");
  return segments.join(".");
}

/** The document with one bit of a segment's bytes turned over, its text still canonical. */
export function flipBit(jws: string, segment: 0 | 1 | 2, bit = 13): string {
  const segments = jws.split(".");
  const bytes = Buffer.from(segments[segment] ?? "", "base64url");
  const at = Math.floor(bit / 8) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
  segments[segment] = bytes.toString("base64url");
  return segments.join(".");
}
