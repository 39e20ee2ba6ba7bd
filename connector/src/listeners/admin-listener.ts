import { bearerToken, matchesToken } from "@catalog/server/auth/bearer";
import { createGraphqlListener } from "@catalog/server/graphql/graphql-listener";
import type { AuthenticationRequest, GraphqlListener } from "@catalog/server/graphql/listener-options";
import type { TlsMaterial } from "@catalog/server/tls/tls-material";
import { CatalogError } from "@catalog/schema/errors";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "@catalog/server/log";
import type { AdminContext, AdminViewer } from "../graphql/admin/context.js";
import type { AdminStreams } from "../graphql/admin/streams.js";

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
  /** Hash of the admin token. */
  readonly tokenHash: string;
  /** Random, different for every process. */
  readonly instance: string;
}

/** The API of the cluster's admin, behind the admin token. */
export function createAdminListener(place: ListenerPlace, options: AdminListenerOptions): GraphqlListener {
  return createGraphqlListener<AdminViewer, AdminContext>({
    ...place,
    schema: options.schema,
    authenticate: async (request) => authenticateAdmin(request, options.tokenHash),
    context: (request) => ({ ...request, streams: options.streams }),
    maySocketMutate: () => true,
    extraRoutes: (app) => {
      app.get(LISTENER_PATH, async () => ({ listener: "admin", instance: options.instance }));
    },
  });
}

function authenticateAdmin(request: AuthenticationRequest, tokenHash: string): AdminViewer {
  const token = bearerToken(request);
  if (token !== undefined && matchesToken(token, tokenHash)) return { actor: "admin" };
  const place = request.transport === "ws" ? "authorization in connection_init" : "the header Authorization";
  throw new CatalogError(
    "UNAUTHENTICATED",
    `This needs the admin token: "Bearer <token>" in ${place}. It stands in the file admin-token of the data directory.`,
  );
}
