import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A new 256 bit secret as base64url. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A new public id, 96 bit as base64url. */
export function newTokenID(): string {
  return randomBytes(12).toString("base64url");
}

/** SHA-256 of a secret as base64url: what is stored in its place. A plain hash is enough for 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Whether `secret` has this hash, in constant time. */
export function hasSecret(secretHash: string, secret: string): boolean {
  const expected = Buffer.from(secretHash);
  const shown = Buffer.from(hashSecret(secret));
  return expected.length === shown.length && timingSafeEqual(expected, shown);
}
