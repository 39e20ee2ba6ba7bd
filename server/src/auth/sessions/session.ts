/** A person who has exchanged a token for a cookie. Kept as hashes; times are Unix seconds. */
export interface Session {
  /** Hash of what the cookie holds: names the session. */
  readonly idHash: string;
  /** Hash of what the page keeps beside the cookie. */
  readonly secretHash: string;
  /** Hash of the token that was shown: the session opens what that token opens, and ends with it. */
  readonly tokenHash: string;
  readonly created: number;
  readonly expiresAt: number;
}

/** Where sessions live: shared by all replicas of a part. */
export interface SessionStore {
  insert(session: Session): Promise<void>;
  find(idHash: string): Promise<Session | undefined>;
  /** Those of the given ids that exist and have not expired at `now` (Unix s). */
  liveAmong(idHashes: readonly string[], now: number): Promise<ReadonlySet<string>>;
  /** Ends it on every replica. Twice = once. */
  delete(idHash: string): Promise<void>;
}

/** Whether the session opens anything at `now` (Unix s). */
export function isLive(session: Session, now: number): boolean {
  return now < session.expiresAt;
}
