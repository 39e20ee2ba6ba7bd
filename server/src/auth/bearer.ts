import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Where a token may stand: the Authorization header, or `authorization` of connection_init on a WebSocket. */
export interface BearerSource {
  readonly headers: IncomingHttpHeaders;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}

/** A new token: 256 random bits as base64url, 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored of a token: the SHA-256 of its text in hex. No salt: tokens are random, not chosen. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}

/** The token that a request carries as `Bearer …`; undefined if it carries none. */
export function bearerToken(source: BearerSource): string | undefined {
  const given = source.connectionParams?.["authorization"] ?? source.headers.authorization;
  if (typeof given !== "string") return undefined;
  return /^Bearer +([^\s]{1,512})$/i.exec(given)?.[1];
}

/** Whether `token` is the one with `hash` (from {@link hashToken}); takes the same time whatever differs. */
export function matchesToken(token: string, hash: string): boolean {
  return matchesHash(hashToken(token), hash);
}

/** Whether two hashes of {@link hashToken} are the same; takes the same time whatever differs. */
export function matchesHash(one: string, other: string): boolean {
  const expected = Buffer.from(other, "hex");
  const actual = Buffer.from(one, "hex");
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
