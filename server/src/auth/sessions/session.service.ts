import { CatalogError } from "@catalog/schema/errors";
import { unixSeconds, type Clock } from "../../clock.js";
import type { AuthenticationRequest } from "../../graphql/listener-options.js";
import { hashToken, matchesToken, newToken } from "../bearer.js";
import type { OwnOrigins } from "./own-origins.js";
import { cookieNameOf, cookieOf } from "./session-cookie.js";
import { isLive, type Session, type SessionStore } from "./session.js";

/** Header with which a page shows its half of the session; on a WebSocket `session` of connection_init. */
export const SESSION_HEADER = "catalog-session";

/** What a session is of, and for how long. */
export interface SessionSettings {
  readonly fingerprint: string;
  /** Seconds. */
  readonly lifetime: number;
  readonly origins: OwnOrigins;
}

/** A session that has just begun, with its two halves as they are told once. */
export interface NewSession {
  readonly session: Session;
  /** For the cookie. */
  readonly cookie: string;
  /** For the page. */
  readonly secret: string;
}

/** Where the halves of a session stand in a request. */
export type SessionRequest = Pick<AuthenticationRequest, "headers" | "connectionParams">;

/** Sessions of people in a browser: a cookie that scripts cannot read, and a secret that other pages cannot send. */
export class SessionService {
  readonly cookieName: string;

  constructor(
    private readonly store: SessionStore,
    private readonly clock: Clock,
    private readonly settings: SessionSettings,
  ) {
    this.cookieName = cookieNameOf(settings.fingerprint);
  }

  /** Throws FORBIDDEN unless the request comes from a page of this server. */
  requireOwnOrigin({ headers }: SessionRequest): void {
    if (this.settings.origins.includes(headers)) return;
    throw new CatalogError(
      "FORBIDDEN",
      "Sessions are for this server's own pages. Behind a proxy that terminates TLS, name its address in UI_ORIGINS.",
    );
  }

  /** Begins a session for whoever holds the token with this hash. The caller has checked that it opens something. */
  async begin(tokenHash: string): Promise<NewSession> {
    const cookie = newToken();
    const secret = newToken();
    const created = unixSeconds(this.clock.now());
    const session: Session = {
      idHash: hashToken(cookie),
      secretHash: hashToken(secret),
      tokenHash,
      created,
      expiresAt: created + this.settings.lifetime,
    };
    await this.store.insert(session);
    return { session, cookie, secret };
  }

  /**
   * The session of a request; undefined where it shows no secret, whatever cookie it brings.
   * Throws UNAUTHENTICATED where the secret, the cookie and the page do not belong together, or the session has ended.
   */
  async find(request: SessionRequest): Promise<Session | undefined> {
    const secret = request.connectionParams?.["session"] ?? request.headers[SESSION_HEADER];
    if (secret === undefined) return undefined;
    const session = typeof secret === "string" ? await this.match(request, secret) : undefined;
    if (session === undefined) throw new CatalogError("UNAUTHENTICATED", "The session has ended; sign in again.");
    return session;
  }

  /** Ends the session of a request, if it has one. Returns its idHash. */
  async end(request: SessionRequest): Promise<string | undefined> {
    const secret = request.headers[SESSION_HEADER];
    const session = typeof secret === "string" ? await this.match(request, secret) : undefined;
    if (session !== undefined) await this.store.delete(session.idHash);
    return session?.idHash;
  }

  /** Those of the given sessions that go on. */
  liveAmong(idHashes: readonly string[]): Promise<ReadonlySet<string>> {
    return idHashes.length === 0
      ? Promise.resolve(new Set())
      : this.store.liveAmong(idHashes, unixSeconds(this.clock.now()));
  }

  private async match({ headers }: SessionRequest, secret: string): Promise<Session | undefined> {
    const cookie = cookieOf(headers.cookie, this.cookieName);
    if (cookie === undefined || !this.settings.origins.includes(headers)) return undefined;
    const session = await this.store.find(hashToken(cookie));
    if (session === undefined || !isLive(session, unixSeconds(this.clock.now()))) return undefined;
    return matchesToken(secret, session.secretHash) ? session : undefined;
  }
}
