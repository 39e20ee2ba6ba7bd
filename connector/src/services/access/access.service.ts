import { matchesHash } from "@catalog/server/auth/bearer";
import type { Session } from "@catalog/server/auth/sessions/session";
import { unixSeconds, type Clock } from "@catalog/server/clock";
import type { AdminViewer } from "../../domain/access.js";
import { isLive } from "../../domain/script-token.js";
import type { ScriptTokens } from "./access-ports.js";

/** How exactly the last use of a script token is kept, in seconds. */
const USE_GRAIN = 60;

/** A viewer with what its right to be here rests on. */
export interface CredentialedViewer extends AdminViewer {
  readonly tokenHash: string;
  /** Names the session; undefined for a bearer token. */
  readonly sessionID: string | undefined;
}

/** Knows whose a token is. */
export class AccessService {
  constructor(
    private readonly adminTokenHash: string,
    private readonly tokens: Pick<ScriptTokens, "byHash" | "used">,
    private readonly clock: Clock,
  ) {}

  /** Whoever holds the token with this hash, through a session where there is one; undefined for a token that opens nothing (any more). */
  async viewerOf(tokenHash: string, session?: Session): Promise<CredentialedViewer | undefined> {
    const basis = { tokenHash, sessionID: session?.idHash, isSession: session !== undefined };
    const suffix = session === undefined ? "" : " session";
    if (matchesHash(tokenHash, this.adminTokenHash)) {
      return { ...basis, actor: `admin${suffix}`, role: "ADMIN", expiresAt: session?.expiresAt ?? null };
    }
    const now = unixSeconds(this.clock.now());
    const token = await this.tokens.byHash(tokenHash);
    if (token === undefined || !isLive(token, now)) return undefined;
    if (now - (token.lastUsedAt ?? 0) >= USE_GRAIN) await this.tokens.used(token.tokenID, now);
    const expiresAt = earlier(token.expiresAt, session?.expiresAt ?? null);
    return { ...basis, actor: `script ${token.name}${suffix}`, role: token.role, expiresAt };
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
