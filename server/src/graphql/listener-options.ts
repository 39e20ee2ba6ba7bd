import type { IncomingHttpHeaders } from "node:http";
import type { DocumentNode, GraphQLSchema } from "graphql";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { TlsMaterial } from "../tls/tls-material.js";

/** What is known of a request, or of a socket at connection_init, when it has to say who it is. */
export interface AuthenticationRequest {
  readonly transport: "http" | "ws";
  /** As sent; "GET" for a socket. */
  readonly method: string;
  /** Path without the query string, as it reached this listener. */
  readonly path: string;
  /** Raw query string without "?"; empty where there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Payload of connection_init; absent on HTTP. */
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  /** The body's exact bytes; empty for a socket and for GET. */
  readonly rawBody: Uint8Array;
  readonly remoteAddress: string;
  readonly requestId: string;
}

/** What every resolver is told about the operation it works for. */
export interface RequestContext<V> {
  readonly viewer: V;
  readonly transport: "http" | "ws";
  /** Unique per operation; echoed as header x-request-id on HTTP. */
  readonly requestId: string;
  readonly remoteAddress: string;
}

/** One acknowledged WebSocket and whose it is. */
export interface SocketSession<V> {
  /** Unique on this process. */
  readonly id: string;
  readonly viewer: V;
  readonly socket: WebSocket;
  /** Ends the socket. Codes: 4401 not authenticated, 4403 not allowed any more, 4408 too slow, 4429 too much. */
  close(code: number, reason: string): void;
}

/** One valid subscription that its owner may serve by writing to the socket itself. */
export interface OfferedSubscription<V, C = RequestContext<V>> {
  /** Id of the operation on its socket; frames to the client name it. */
  readonly id: string;
  readonly session: SocketSession<V>;
  readonly context: C;
  /** The document's text as the client sent it. */
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** Values after coercion by the schema, defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Ends the subscription and tells the client "complete". */
  complete(): void;
  /** Ends the subscription and tells the client the error, as every error is told. */
  fail(error: unknown): void;
}

/** What Broker and Connector decide about sockets. */
export interface SubscriptionHooks<V, C = RequestContext<V>> {
  /** Key under which sockets are counted; undefined means not counted. */
  principalOf?(viewer: V): string | undefined;
  /** Asked at each heartbeat; false ends the socket with 4403. A rejected promise leaves the socket as it is. */
  recheck?(session: SocketSession<V>): Promise<boolean>;
  /** Told when a socket was acknowledged. Throwing a CatalogError refuses the socket. */
  opened?(session: SocketSession<V>): Promise<void> | void;
  /** Told once when an acknowledged socket has closed, after its subscriptions ended. */
  closed?(session: SocketSession<V>): void;
  /**
   * Offered every valid subscription. A returned function takes it over: the owner writes `next` frames to
   * `session.socket`, and the function is called exactly once when the subscription has ended, whoever ended it.
   * Undefined leaves it to graphql. Throwing a CatalogError answers the client with it.
   */
  takeOver?(offered: OfferedSubscription<V, C>): Promise<(() => void) | undefined> | (() => void) | undefined;
}

/** Bounds of one listener; see {@link DEFAULT_LIMITS}. */
export interface ListenerLimits {
  /** Largest request body in bytes. */
  readonly bodyBytes: number;
  /** Requests executed at once before OVERLOADED. */
  readonly requestsInFlight: number;
  /** Largest WebSocket message in bytes. */
  readonly frameBytes: number;
  readonly connectionInitMs: number;
  readonly heartbeatMs: number;
  /** Longest life of a socket. */
  readonly socketAgeMs: number;
  readonly sockets: number;
  /** Sockets that have not been acknowledged yet. */
  readonly pendingSockets: number;
  readonly socketsPerPrincipal: number;
  readonly operationsPerSocket: number;
  /** Messages and pings of one socket: at once, and per second. */
  readonly messageBurst: number;
  readonly messagesPerSecond: number;
  readonly query: QueryLimits;
}

/** Bounds of one GraphQL document. */
export interface QueryLimits {
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Cost as graphql-armor counts it: 2 per object, 1 per scalar, × 1.5 per level, × `first`. */
  readonly cost: number;
}

export const DEFAULT_LIMITS: ListenerLimits = {
  bodyBytes: 262_144,
  requestsInFlight: 1_000,
  frameBytes: 262_144,
  connectionInitMs: 5_000,
  heartbeatMs: 12_000,
  socketAgeMs: 86_400_000,
  sockets: 10_000,
  pendingSockets: 500,
  socketsPerPrincipal: 4,
  operationsPerSocket: 8,
  messageBurst: 100,
  messagesPerSecond: 50,
  query: { tokens: 2_000, depth: 12, aliases: 30, directives: 30, cost: 200_000 },
};

/** Everything a listener needs. `V` is who asks, `C` the context that resolvers get. */
export interface ListenerOptions<V, C extends { readonly requestId: string } = RequestContext<V>> {
  readonly schema: GraphQLSchema;
  readonly host: string;
  /** 0 takes a free port; `listen` tells which. */
  readonly port: number;
  /** Absent serves plain HTTP. */
  readonly tls?: TlsMaterial | undefined;
  readonly log: Logger;
  /** What differs from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<ListenerLimits>;
  /** Says who asks, or throws a CatalogError. */
  authenticate(request: AuthenticationRequest): Promise<V>;
  context(request: RequestContext<V>): C;
  /** Whether this viewer may send mutations on a socket. Nobody may unless this says so: a request proof covers one request, not a socket. */
  maySocketMutate?(viewer: V): boolean;
  readonly subscriptionHooks?: SubscriptionHooks<V, C>;
  /** Told after every HTTP answer, for metrics. */
  observe?(answer: ObservedAnswer): void;
  /** Routes beside /graphql (console, playground, sessions); their own body parsers apply. */
  extraRoutes?(app: FastifyInstance): Promise<void> | void;
}

/** How one HTTP request went. */
export interface ObservedAnswer {
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** A running GraphQL endpoint on one port. */
export interface GraphqlListener {
  /** Starts accepting; resolves with where. Rejects if the port is taken. */
  listen(): Promise<ListenerAddress>;
  /** Serves a renewed certificate to new connections. */
  renewTls(tls: TlsMaterial): void;
  /** From now on every answer asks its client to connect anew next time; everything is still served. */
  drain(): void;
  /** Stops accepting, lets requests finish and sockets say goodbye for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
  /** Origin as a client on this machine would write it, without a path. */
  readonly url: string;
}
