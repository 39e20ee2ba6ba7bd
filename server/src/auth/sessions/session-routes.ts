import { CatalogError } from "@catalog/schema/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hashToken } from "../bearer.js";
import { setCookie } from "./session-cookie.js";
import type { NewSession, SessionService } from "./session.service.js";
import type { SignInLimit } from "./sign-in-limit.js";

/** The one path of sessions. */
export const SESSION_PATH = "/session";

const BODY_BYTES = 4_096;

/** What the routes of sessions stand on. */
export interface SessionRouteParts {
  readonly sessions: SessionService;
  readonly limit: SignInLimit;
  /** Whether the token with this hash opens something now. */
  readonly isToken: (tokenHash: string) => Promise<boolean>;
  /** Told when a person has signed out, so that the sockets of that session close. */
  readonly signedOut: (idHash: string) => Promise<void> | void;
}

/**
 * `POST /session {token}` begins a session and answers `{secret, expiresAt}` with the cookie, `DELETE /session` ends it.
 * Everything else that people do is GraphQL; a cookie is what GraphQL has no word for.
 */
export function sessionRoutes(app: FastifyInstance, parts: SessionRouteParts): void {
  const { sessions } = parts;
  app.register(async (scope) => {
    // Pages of others can send forms and plain text, but no JSON unless they are allowed to.
    scope.removeContentTypeParser("text/plain");
    scope.post(SESSION_PATH, { bodyLimit: BODY_BYTES }, async (request, reply) => {
      const { session, cookie, secret } = await signIn(parts, request);
      const seconds = session.expiresAt - session.created;
      return noStore(reply)
        .code(201)
        .header("set-cookie", setCookie(sessions.cookieName, cookie, seconds))
        .send({ secret, expiresAt: session.expiresAt });
    });
    scope.delete(SESSION_PATH, { bodyLimit: BODY_BYTES }, async (request, reply) => {
      sessions.requireOwnOrigin(request);
      const ended = await sessions.end(request);
      if (ended !== undefined) await parts.signedOut(ended);
      return noStore(reply)
        .code(204)
        .header("set-cookie", setCookie(sessions.cookieName, "", 0))
        .send();
    });
  });
}

async function signIn({ sessions, limit, isToken }: SessionRouteParts, request: FastifyRequest): Promise<NewSession> {
  sessions.requireOwnOrigin(request);
  const tokenHash = hashToken(tokenOf(request.body));
  const begun = await limit.attempt(request.ip, async () =>
    (await isToken(tokenHash)) ? sessions.begin(tokenHash) : undefined,
  );
  if (begun !== undefined) return begun;
  throw new CatalogError(
    "UNAUTHENTICATED",
    "This token opens nothing here. The file admin-token of the data directory shows the admin token.",
  );
}

function tokenOf(body: unknown): string {
  const token = typeof body === "object" && body !== null && "token" in body ? body.token : undefined;
  if (typeof token === "string" && /^\S{1,512}$/.test(token.trim())) return token.trim();
  throw new CatalogError("BAD_USER_INPUT", 'send {"token": "…"} as application/json');
}

function noStore(reply: FastifyReply): FastifyReply {
  return reply.header("cache-control", "no-store");
}
