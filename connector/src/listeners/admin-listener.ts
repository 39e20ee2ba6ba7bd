import { sessionRoutes } from "@catalog/server/auth/sessions/session-routes";
import type { SessionService } from "@catalog/server/auth/sessions/session.service";
import { SignInLimit } from "@catalog/server/auth/sessions/sign-in-limit";
import { createGraphqlListener } from "@catalog/server/graphql/graphql-listener";
import type { GraphqlListener } from "@catalog/server/graphql/listener-options";
import type { Logger } from "@catalog/server/log";
import type { TlsMaterial } from "@catalog/server/tls/tls-material";
import { uiRoutes, type UiFolders } from "@catalog/server/ui/ui-files";
import type { GraphQLSchema } from "graphql";
import type { AdminContext } from "../graphql/admin/context.js";
import type { AdminStreams } from "../graphql/admin/streams.js";
import type { CredentialedViewer } from "../services/access/access.service.js";
import type { Changes } from "../services/ports.js";
import type { AdminAuthenticator } from "./admin-authenticator.js";
import { AdminSockets } from "./admin-sockets.js";

/** Where the admin listener says which process it belongs to, so that this process recognises itself. */
export const LISTENER_PATH = "/.well-known/catalog-listener";

/** Where and how a listener listens. */
export interface ListenerPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial | undefined;
  readonly log: Logger;
}

export interface AdminListenerOptions {
  readonly schema: GraphQLSchema;
  readonly streams: AdminStreams;
  readonly authenticator: AdminAuthenticator;
  readonly sessions: SessionService;
  readonly changes: Changes;
  /** Undefined serves no pages. */
  readonly ui: UiFolders | undefined;
  /** Random, different for every process. */
  readonly instance: string;
}

/** The API of the cluster's admin and its pages, behind the admin token, script tokens and sessions. */
export function createAdminListener(place: ListenerPlace, options: AdminListenerOptions): GraphqlListener {
  const { authenticator, sessions, ui } = options;
  const sockets = new AdminSockets((viewer) => authenticator.isStill(viewer), place.log);
  options.changes.on("access", () => void sockets.closeEnded());
  const limit = new SignInLimit();
  return createGraphqlListener<CredentialedViewer, AdminContext>({
    ...place,
    schema: options.schema,
    authenticate: (request) => authenticator.authenticate(request),
    context: (request) => ({ ...request, streams: options.streams }),
    maySocketMutate: () => true,
    subscriptionHooks: sockets,
    extraRoutes: (app) => {
      app.get(LISTENER_PATH, async () => ({ listener: "admin", instance: options.instance }));
      sessionRoutes(app, {
        sessions,
        limit,
        isToken: (tokenHash) => authenticator.isToken(tokenHash),
        signedOut: () => sockets.closeEnded(),
      });
      if (ui !== undefined) uiRoutes(app, ui);
    },
  });
}
