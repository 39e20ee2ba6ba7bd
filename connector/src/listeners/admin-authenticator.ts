import { CatalogError } from "@catalog/schema/errors";
import { bearerToken, hashToken } from "@catalog/server/auth/bearer";
import type { SessionService } from "@catalog/server/auth/sessions/session.service";
import type { AuthenticationRequest } from "@catalog/server/graphql/listener-options";
import type { AccessService, CredentialedViewer } from "../services/access/access.service.js";

/** Says who uses the admin API: the holder of the admin token or of a script token, by the token itself or in a session. */
export class AdminAuthenticator {
  constructor(
    private readonly access: AccessService,
    private readonly sessions: SessionService,
  ) {}

  /** @throws UNAUTHENTICATED */
  async authenticate(request: AuthenticationRequest): Promise<CredentialedViewer> {
    const token = bearerToken(request);
    const session = token === undefined ? await this.sessions.find(request) : undefined;
    const tokenHash = token === undefined ? session?.tokenHash : hashToken(token);
    const viewer = tokenHash === undefined ? undefined : await this.access.viewerOf(tokenHash, session);
    if (viewer !== undefined) return viewer;
    const place = request.transport === "ws" ? "authorization in connection_init" : "the header Authorization";
    throw new CatalogError(
      "UNAUTHENTICATED",
      `This needs the admin token or a script token: "Bearer <token>" in ${place}. The admin token stands in the file admin-token of the data directory.`,
    );
  }

  /** Whether the token opens something now. */
  async isToken(tokenHash: string): Promise<boolean> {
    return (await this.access.viewerOf(tokenHash)) !== undefined;
  }

  /** Whether a viewer's token and session are still what they were. */
  async isStill({ tokenHash, sessionID }: CredentialedViewer): Promise<boolean> {
    if (sessionID !== undefined && !(await this.sessions.liveAmong([sessionID])).has(sessionID)) return false;
    return this.isToken(tokenHash);
  }
}
