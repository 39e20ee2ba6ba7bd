/** A read token as stored: its secret only as a hash. Times are Unix seconds; `expiresAt` null = until revoked. */
export interface ReadToken {
  readonly tokenID: string;
  readonly name: string | null;
  readonly secretHash: string;
  readonly created: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** Whether the token opens anything at `now` (Unix s). */
export function isLive(token: ReadToken, now: number): boolean {
  return token.revokedAt === null && (token.expiresAt === null || now < token.expiresAt);
}
