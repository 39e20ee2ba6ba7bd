import { JoinTokenExpiredError, JoinTokenInvalidError, JoinTokenUsedError } from "./member-errors.js";

/** A join string as stored: its secret only as a hash. Times are Unix seconds. */
export interface JoinToken {
  readonly tokenID: string;
  readonly name: string | null;
  readonly secretHash: string;
  readonly created: number;
  readonly expiresAt: number;
  readonly usedBy: string | null;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

/**
 * Spends a join string on `fingerprint` at `now`. The first identity that shows it keeps it and may show it again, also after it has expired:
 * a lost reply must not lock it out. Returns the same object for a repeat. Throws JOIN_TOKEN_INVALID, JOIN_TOKEN_USED or JOIN_TOKEN_EXPIRED.
 */
export function spent(token: JoinToken, fingerprint: string, now: number): JoinToken {
  if (token.revokedAt !== null) throw new JoinTokenInvalidError();
  if (token.usedBy === fingerprint) return token;
  if (token.usedBy !== null) throw new JoinTokenUsedError();
  if (now >= token.expiresAt) throw new JoinTokenExpiredError(token.expiresAt);
  return { ...token, usedBy: fingerprint, usedAt: now };
}
