import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CatalogError } from "@catalog/schema/errors";
import { handleProtocols, makeServer, type Server, type WebSocket as ProtocolSocket } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import { newRequestId } from "../log.js";
import { TokenBuckets } from "../limits/token-buckets.js";
import { CLOSE } from "./close-codes.js";
import { httpStatusOf, refusalBody, toPublicError } from "./error-mapper.js";
import { Heartbeat } from "./heartbeat.js";
import { pathOf } from "./http-request.js";
import { GRAPHQL_PATH } from "./http-endpoint.js";
import type { ListenerLimits, ListenerOptions } from "./listener-options.js";
import { SocketConnect } from "./socket-connect.js";
import { SocketOperations } from "./socket-operations.js";
import type { SocketState } from "./socket-state.js";

/** Serves graphql-transport-ws on {@link GRAPHQL_PATH}. */
export class SocketEndpoint<V, C extends { readonly requestId: string }> {
  private readonly sockets = new Set<SocketState<V>>();
  private readonly server: WebSocketServer;
  private readonly protocol: Server<SocketState<V>>;
  private readonly connect: SocketConnect<V, C>;
  private readonly heartbeat: Heartbeat<V>;
  private isClosing = false;

  constructor(
    private readonly options: ListenerOptions<V, C>,
    private readonly limits: ListenerLimits,
  ) {
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.frameBytes,
      perMessageDeflate: false,
      handleProtocols,
    });
    this.server.on("wsClientError", (error, connection) =>
      this.refuse(new CatalogError("BAD_USER_INPUT", `this is no WebSocket handshake: ${error.message}`), connection),
    );
    this.connect = new SocketConnect(options, limits);
    this.heartbeat = new Heartbeat(limits, options.log, (session) => options.subscriptionHooks?.recheck?.(session));
    this.protocol = this.makeProtocol();
  }

  /** To be called for each HTTP upgrade of the listener's server. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    const refusal = this.refusalOf(request);
    if (refusal !== undefined) return this.refuse(refusal, connection);
    this.server.handleUpgrade(request, connection, head, (socket) => this.accept(socket, request));
  }

  /** Says goodbye to every socket, so that clients reconnect elsewhere or later; resolves when all are gone. */
  async close(graceMs: number): Promise<void> {
    this.isClosing = true;
    const all = [...this.sockets];
    const gone = all.map(({ socket }) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    for (const { socket } of all) socket.close(CLOSE.goingAway, "the server is going away; reconnect");
    const cut = setTimeout(() => all.forEach(({ socket }) => socket.terminate()), graceMs);
    await Promise.all(gone);
    clearTimeout(cut);
  }

  private refusalOf(request: IncomingMessage): CatalogError | undefined {
    if (pathOf(request) !== GRAPHQL_PATH)
      return new CatalogError("NOT_FOUND", `WebSockets are served at ${GRAPHQL_PATH} only`);
    if (this.isClosing) return new CatalogError("UNAVAILABLE", "the server is going away; try again shortly");
    const pending = [...this.sockets].filter((state) => state.session === undefined).length;
    const isFull = this.sockets.size >= this.limits.sockets || pending >= this.limits.pendingSockets;
    return isFull ? new CatalogError("OVERLOADED", "too many sockets are open; try again later") : undefined;
  }

  private refuse(refusal: CatalogError, connection: Duplex): void {
    const body = refusalBody(toPublicError(refusal, newRequestId(), this.options.log));
    const head = `HTTP/1.1 ${httpStatusOf(refusal.code)} Refused\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
    connection.once("error", () => connection.destroy());
    connection.end(head + body);
  }

  private accept(socket: WebSocket, request: IncomingMessage): void {
    const state: SocketState<V> = {
      id: newRequestId(),
      socket,
      request,
      remoteAddress: request.socket.remoteAddress ?? "",
      openedAt: performance.now(),
      session: undefined,
      release: undefined,
    };
    this.sockets.add(state);
    this.heartbeat.start(state);
    // Too large or malformed frames; ws closes the socket itself, with the right code.
    socket.on("error", (error) => this.options.log.debug({ requestId: state.id, err: error }, "socket error"));
    const closed = this.protocol.opened(this.adapterOf(state), state);
    socket.once("close", (code, reason) => {
      this.sockets.delete(state);
      closed(code, reason.toString())
        .finally(() => this.connect.leave(state))
        .catch((error: unknown) =>
          this.options.log.error({ requestId: state.id, err: error }, "closing a socket failed"),
        );
    });
  }

  /** The socket as graphql-ws wants it; messages and pings beyond the rate end it. */
  private adapterOf(state: SocketState<V>): ProtocolSocket {
    const { socket } = state;
    const { messageBurst: burst, messagesPerSecond: perSecond } = this.limits;
    const bucket = new TokenBuckets({ burst, perSecond, maxKeys: 1 });
    const isFlood = (): boolean => {
      if (bucket.take("") === 0) return false;
      socket.close(CLOSE.tooMany, "too many messages");
      return true;
    };
    socket.on("ping", isFlood);
    return {
      protocol: socket.protocol,
      send: (data) => sendText(socket, data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (receive) => {
        socket.on("message", (data: Buffer) => {
          if (!isFlood()) receive(data.toString("utf8")).catch((error: unknown) => this.fail(state, error));
        });
      },
    };
  }

  private fail(state: SocketState<V>, error: unknown): void {
    this.options.log.error({ requestId: state.id, err: error }, "socket message failed");
    state.socket.close(CLOSE.internal, "INTERNAL_SERVER_ERROR");
  }

  private makeProtocol(): Server<SocketState<V>> {
    const operations = new SocketOperations(this.options, this.limits);
    return makeServer<Record<string, unknown>, SocketState<V>>({
      connectionInitWaitTimeout: this.limits.connectionInitMs,
      onConnect: (ctx) => this.connect.admit(ctx.extra, ctx.connectionParams),
      onSubscribe: (ctx, id, payload) => operations.prepare(ctx, id, payload),
      subscribe: (args) => operations.subscribe(args),
      onError: (_ctx, _id, _payload, errors) => operations.present(errors),
      onNext: (_ctx, _id, _payload, args, { data, errors }) =>
        errors === undefined
          ? undefined
          : { ...(data === undefined ? {} : { data }), errors: operations.present(errors, args) },
    });
  }
}

function sendText(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve) => {
    // A socket that closes meanwhile is told to everybody by its close event, not by each pending write.
    if (socket.readyState === socket.OPEN) socket.send(data, () => resolve());
    else resolve();
  });
}
