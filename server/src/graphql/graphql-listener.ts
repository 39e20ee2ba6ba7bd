import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { CatalogError } from "@catalog/schema/errors";
import { fastify, LogController, type FastifyInstance } from "fastify";
import type { TlsMaterial } from "../tls/tls-material.js";
import { refusalBody, toPublicError } from "./error-mapper.js";
import { HttpEndpoint } from "./http-endpoint.js";
import {
  DEFAULT_LIMITS,
  type GraphqlListener,
  type ListenerAddress,
  type ListenerOptions,
  type RequestContext,
} from "./listener-options.js";
import { REQUEST_ID_HEADER, requestIdOf } from "./request-id.js";
import { SocketEndpoint } from "./socket-endpoint.js";

/** Room for a request proof, a descriptor and what proxies add; Node's own default is 16 KiB. */
const MAX_HEADER_BYTES = 32_768;

/**
 * A GraphQL endpoint: Apollo Server over HTTP and graphql-ws over WebSocket at `/graphql`, behind one authentication,
 * one set of limits and one error format. Every refusal is GraphQL JSON with the status of the error table.
 */
export function createGraphqlListener<V, C extends { readonly requestId: string } = RequestContext<V>>(
  options: ListenerOptions<V, C>,
): GraphqlListener {
  return new Listener(options);
}

class Listener<V, C extends { readonly requestId: string }> implements GraphqlListener {
  private readonly server: Server;
  private readonly app: FastifyInstance;
  private readonly http: HttpEndpoint<V, C>;
  private readonly sockets: SocketEndpoint<V, C>;
  private isLeaving = false;

  constructor(private readonly options: ListenerOptions<V, C>) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    let serve: RequestListener = () => undefined;
    this.server = makeServer(options.tls, (request, response) => serve(request, response));
    this.app = fastify({
      loggerInstance: options.log,
      logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
      genReqId: (request) => requestIdOf(request.headers),
      return503OnClosing: false,
      forceCloseConnections: false,
      bodyLimit: limits.bodyBytes,
      routerOptions: { maxParamLength: 256 },
      frameworkErrors: (error, request, reply) => {
        void this.http.refuse(error, request, reply);
      },
      clientErrorHandler: (error, connection) => this.refuseGarbage(error, connection),
      serverFactory: (handler) => {
        serve = handler;
        return this.server;
      },
    }) as unknown as FastifyInstance;
    this.http = new HttpEndpoint(options, limits);
    this.sockets = new SocketEndpoint(options, limits);
    this.server.on("upgrade", (request, connection, head) => this.sockets.upgrade(request, connection, head));
  }

  async listen(): Promise<ListenerAddress> {
    const { app, options } = this;
    app.addHook("onRequest", async (request, reply) => {
      reply.header(REQUEST_ID_HEADER, request.id);
      if (this.isLeaving) reply.header("connection", "close");
    });
    app.addHook("onResponse", async (request, reply) => {
      options.observe?.({ method: request.method, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
      options.log.debug(
        {
          requestId: request.id,
          method: request.method,
          url: request.url,
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime),
        },
        "request",
      );
    });
    app.setErrorHandler((error, request, reply) => this.http.refuse(error, request, reply));
    app.setNotFoundHandler((request, reply) =>
      this.http.refuse(
        new CatalogError("NOT_FOUND", `nothing is served at ${request.method} ${request.url.slice(0, 200)}`),
        request,
        reply,
      ),
    );
    await this.http.register(app);
    await app.register(async (scope) => options.extraRoutes?.(scope as FastifyInstance));
    await app.listen({
      host: options.host,
      port: options.port,
      listenTextResolver: (address) =>
        `listening at ${options.tls === undefined ? address : address.replace(/^http:/, "https:")}`,
    });
    return this.address();
  }

  renewTls(tls: TlsMaterial): void {
    if (this.server instanceof TlsServer) this.server.setSecureContext({ key: tls.key, cert: tls.cert });
  }

  drain(): void {
    this.isLeaving = true;
  }

  async close(graceMs: number): Promise<void> {
    this.isLeaving = true;
    const cut = setTimeout(() => this.server.closeAllConnections(), graceMs);
    await Promise.all([this.app.close(), this.sockets.close(graceMs)]);
    clearTimeout(cut);
    await this.http.stop();
  }

  private address(): ListenerAddress {
    const { address, port } = this.server.address() as AddressInfo;
    const host =
      address === "0.0.0.0" || address === "::" ? "localhost" : address.includes(":") ? `[${address}]` : address;
    return { host: address, port, url: `${this.options.tls === undefined ? "http" : "https"}://${host}:${port}` };
  }

  /** Bytes that are not HTTP, or headers beyond the bound. */
  private refuseGarbage(error: NodeJS.ErrnoException, connection: Socket): void {
    if (error.code === "ECONNRESET" || !connection.writable) return void connection.destroy();
    const status =
      error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? "408 Request Timeout"
          : "400 Bad Request";
    const refusal = new CatalogError("BAD_USER_INPUT", `this is not a request that can be read: ${status.slice(4)}`);
    const body = refusalBody(toPublicError(refusal, requestIdOf({}), this.options.log));
    connection.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
}

function makeServer(tls: TlsMaterial | undefined, handler: RequestListener): Server {
  const common = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 15_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
  };
  if (tls === undefined) return createServer(common, handler);
  return createTlsServer({ ...common, key: tls.key, cert: tls.cert, minVersion: "TLSv1.2" }, handler);
}
