import { CatalogError } from "@catalog/schema/errors";
import { sessionRoutes, type SessionRouteParts } from "@catalog/server/auth/sessions/session-routes";
import { createGraphqlListener } from "@catalog/server/graphql/graphql-listener";
import type {
  GraphqlListener,
  ListenerLimits,
  OfferedSubscription,
  RequestContext,
  SubscriptionHooks,
} from "@catalog/server/graphql/listener-options";
import { Holders } from "@catalog/server/limits/holders";
import type { Logger } from "@catalog/server/log";
import type { TlsMaterial } from "@catalog/server/tls/tls-material";
import { uiRoutes, type UiFolders } from "@catalog/server/ui/ui-files";
import type { GraphQLSchema } from "graphql";

import type { BrokerConfig } from "../config.js";
import { requirePermission, type Viewer } from "../domain/viewer.js";
import type { BrokerContext } from "../graphql/context.js";
import type { FeedPort } from "../services/feed-port.js";
import type { LivenessService } from "../services/liveness.service.js";
import type { BrokerAuthenticator } from "./broker-authenticator.js";
import type { BrokerMetrics } from "./broker-metrics.js";
import type { Readiness } from "./readiness.js";
import type { SocketGuard } from "./socket-guard.js";

/** Serves the feed to sockets; see FeedHub. */
export interface FeedServer {
  /** Serves a subscription until what it returns is called; undefined for one that is not of the feed. */
  takeOver(offered: OfferedSubscription<Viewer, BrokerContext>): Promise<(() => void) | undefined>;
}

/** The pages for the operator, and how one signs in there. */
export interface ConsoleParts {
  readonly sessions: SessionRouteParts;
  /** Undefined serves no pages. */
  readonly ui: UiFolders | undefined;
}

/** What the listener of the GraphQL API joins together. */
export interface BrokerListenerParts {
  readonly config: BrokerConfig;
  readonly schema: GraphQLSchema;
  readonly tls: TlsMaterial | undefined;
  readonly log: Logger;
  readonly authenticator: Pick<BrokerAuthenticator, "authenticate">;
  readonly console: ConsoleParts;
  readonly readiness: Pick<Readiness, "requireReady">;
  readonly guard: SocketGuard;
  readonly liveness: Pick<LivenessService, "opened" | "closed">;
  readonly feed: FeedPort;
  readonly watch: BrokerContext["watch"];
  readonly hub: FeedServer;
  readonly metrics: Pick<BrokerMetrics, "observe">;
}

/** The GraphQL API of the Broker on its port. */
export function createBrokerListener(parts: BrokerListenerParts): GraphqlListener {
  const { config, readiness, authenticator, metrics } = parts;
  const isCatalogPublic = config.catalogRead === "public";
  return createGraphqlListener<Viewer, BrokerContext>({
    schema: parts.schema,
    host: config.host,
    port: config.port,
    tls: parts.tls,
    log: parts.log,
    limits: limitsOf(config),
    authenticate: async (request) => {
      readiness.requireReady();
      return authenticator.authenticate(request);
    },
    context: (request: RequestContext<Viewer>) => ({
      ...request,
      isCatalogPublic,
      feed: parts.feed,
      watch: parts.watch,
    }),
    maySocketMutate: (viewer) => viewer.kind === "OPERATOR",
    subscriptionHooks: hooksOf(parts),
    observe: (answer) => metrics.observe(answer),
    extraRoutes: (app) => {
      sessionRoutes(app, parts.console.sessions);
      if (parts.console.ui !== undefined) uiRoutes(app, parts.console.ui);
    },
  });
}

function hooksOf({ config, guard, liveness, hub }: BrokerListenerParts): SubscriptionHooks<Viewer, BrokerContext> {
  const subscriptions = new Holders(config.subscriptionsPerMember);
  return {
    principalOf: (viewer) => (viewer.kind === "MEMBER" ? viewer.fingerprint : undefined),
    recheck: (session) => guard.isAllowed(session),
    opened: async (session) => {
      guard.opened(session);
      if (session.viewer.kind === "MEMBER") await liveness.opened(session.viewer.fingerprint, session.id);
    },
    closed: (session) => {
      guard.closed(session);
      void liveness.closed(session.id);
    },
    takeOver: (offered) => {
      const { viewer } = offered.context;
      requirePermission(viewer, "READ", offered.context);
      return viewer.kind === "MEMBER"
        ? counted(subscriptions, viewer.fingerprint, () => hub.takeOver(offered))
        : hub.takeOver(offered);
    },
  };
}

/** Counts a subscription for as long as it is served. Throws LIMIT_EXCEEDED beyond the bound. */
async function counted(
  subscriptions: Holders,
  fingerprint: string,
  takeOver: () => Promise<(() => void) | undefined>,
): Promise<(() => void) | undefined> {
  const release = subscriptions.acquire(fingerprint);
  if (release === undefined) {
    throw new CatalogError("LIMIT_EXCEEDED", "This member has as many subscriptions as it may have; end one first.");
  }
  let end: (() => void) | undefined;
  try {
    end = await takeOver();
  } finally {
    if (end === undefined) release();
  }
  return end === undefined ? undefined : both(end, release);
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}

function limitsOf(config: BrokerConfig): Partial<ListenerLimits> {
  return {
    bodyBytes: config.bodyBytes,
    frameBytes: config.frameBytes,
    requestsInFlight: config.requestsInFlight,
    sockets: config.sockets,
    socketsPerPrincipal: config.socketsPerMember,
    operationsPerSocket: config.operationsPerSocket,
    socketAgeMs: config.socketAge,
    heartbeatMs: config.socketHeartbeat,
  };
}
