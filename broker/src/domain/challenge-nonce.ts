import { ChallengeInvalidError } from "./member-errors.js";

/** Seconds between the clocks of two replicas that are forgiven. */
const REPLICA_SKEW = 5;

/** Keyed hash of a text as 32 bytes; every replica of a Broker has the same key. */
export type KeyedHash = (text: string) => Uint8Array;

/**
 * A nonce that needs no storage: base64url of `expiry (8 bytes, Unix s) | random (16) | hash (32)`, where the hash binds both to
 * the fingerprint that asked.
 */
export function makeNonce(fingerprint: string, expiresAt: number, random: Uint8Array, hash: KeyedHash): string {
  const head = Buffer.alloc(24);
  head.writeBigUInt64BE(BigInt(expiresAt));
  head.set(random.subarray(0, 16), 8);
  return Buffer.concat([head, hash(bound(head, fingerprint))]).toString("base64url");
}

/** Throws CHALLENGE_INVALID unless `nonce` was made with this key for this fingerprint and has not expired at `now` (Unix s). */
export function checkNonce(nonce: string, fingerprint: string, now: number, lifetime: number, hash: KeyedHash): void {
  const bytes = Buffer.from(nonce, "base64url");
  if (bytes.length !== 56 || bytes.toString("base64url") !== nonce)
    throw new ChallengeInvalidError("it is not one of ours");
  const head = bytes.subarray(0, 24);
  if (!isEqual(bytes.subarray(24), hash(bound(head, fingerprint)))) {
    throw new ChallengeInvalidError("it was not made by this Broker for this identity");
  }
  const expiresAt = Number(head.readBigUInt64BE());
  if (now >= expiresAt) throw new ChallengeInvalidError(`it expired after ${lifetime} s`);
  if (expiresAt > now + lifetime + REPLICA_SKEW) throw new ChallengeInvalidError("it is from the future");
}

function bound(head: Buffer, fingerprint: string): string {
  return `${head.toString("base64url")} ${fingerprint}`;
}

/** Constant time, so that nobody can guess a hash byte by byte. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
