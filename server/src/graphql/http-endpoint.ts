import { HeaderMap, type ApolloServer, type HTTPGraphQLRequest } from "@apollo/server";
import type { IncomingMessage } from "node:http";
import { CatalogError } from "@catalog/schema/errors";
import { GraphQLError } from "graphql";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createApollo } from "./apollo.js";
import { httpStatusOf, refusalBody, toPublicError } from "./error-mapper.js";
import { pathOf, queryOf } from "./http-request.js";
import type { ListenerLimits, ListenerOptions } from "./listener-options.js";
import { REQUEST_ID_HEADER } from "./request-id.js";

/** The one path of GraphQL, on HTTP and on WebSocket. */
export const GRAPHQL_PATH = "/graphql";

/** A refused body is still read to its end up to this size and for this time, and thrown away. */
const DRAINED_BYTES = 67_108_864;
const DRAINED_MS = 10_000;

/** Serves {@link GRAPHQL_PATH} over HTTP: POST, and GET for queries. Every refusal is GraphQL JSON. */
export class HttpEndpoint<V, C extends { readonly requestId: string }> {
  private readonly apollo: ApolloServer<C>;
  private inFlight = 0;

  constructor(
    private readonly options: ListenerOptions<V, C>,
    private readonly limits: ListenerLimits,
  ) {
    this.apollo = createApollo<C>(options.schema, limits, options.log);
  }

  async register(app: FastifyInstance): Promise<void> {
    await this.apollo.start();
    await app.register(async (scope) => {
      // The proof of a request covers its exact bytes, so the body stays as it came.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
      scope.route({
        method: ["GET", "POST"],
        url: GRAPHQL_PATH,
        exposeHeadRoute: false,
        bodyLimit: this.limits.bodyBytes,
        handler: (request, reply) => this.handle(request, reply),
      });
      scope.route({
        method: ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
        url: GRAPHQL_PATH,
        bodyLimit: this.limits.bodyBytes,
        handler: methodNotAllowed,
      });
    });
  }

  stop(): Promise<void> {
    return this.apollo.stop();
  }

  /** Answers any error that fastify or a handler threw; used for the whole listener. */
  async refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const shown = toPublicError(fromFastify(error, this.limits.bodyBytes), request.id, this.options.log);
    // Closing while the client still writes would lose it this answer.
    if (shown.extensions.code === "BODY_TOO_LARGE" && (await isDrained(request.raw))) reply.removeHeader("connection");
    const status = fastifyStatus(error) ?? httpStatusOf(shown.extensions.code);
    reply.header(REQUEST_ID_HEADER, request.id).header("cache-control", "no-store");
    return reply.code(status).type("application/json; charset=utf-8").send(refusalBody(shown));
  }

  private async handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (this.inFlight >= this.limits.requestsInFlight) {
      throw new CatalogError(
        "OVERLOADED",
        `more than ${this.limits.requestsInFlight} requests are being worked on; try again shortly`,
      );
    }
    this.inFlight += 1;
    try {
      return await this.execute(request, reply);
    } finally {
      this.inFlight -= 1;
    }
  }

  private async execute(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const viewer = await this.options.authenticate({
      transport: "http",
      method: request.method,
      path: pathOf(request.raw),
      query: queryOf(request.raw),
      headers: request.headers,
      rawBody,
      remoteAddress: request.ip,
      requestId: request.id,
    });
    const context = this.options.context({
      viewer,
      transport: "http",
      requestId: request.id,
      remoteAddress: request.ip,
    });
    const answer = await this.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: apolloRequest(request, rawBody),
      context: () => Promise.resolve(context),
    });
    if (answer.body.kind !== "complete")
      throw new CatalogError("BAD_USER_INPUT", "incremental delivery is not supported");
    reply.code(answer.status ?? 200);
    for (const [name, value] of answer.headers) reply.header(name, value);
    return reply
      .header("cache-control", "no-store")
      .send(this.withRequestId(answer.status ?? 200, answer.body.string, request.id));
  }

  /** Apollo refuses some requests before they have a context; their errors get our format here. */
  private withRequestId(status: number, body: string, requestId: string): string {
    if (status < 400 || body.includes(`"requestId":`)) return body;
    const { errors } = JSON.parse(body) as { errors: { message: string; extensions?: Record<string, unknown> }[] };
    const shown = errors.map(({ message, extensions }) =>
      toPublicError(new GraphQLError(message.trim(), { extensions: extensions ?? null }), requestId, this.options.log),
    );
    return JSON.stringify({ errors: shown });
  }
}

function apolloRequest(request: FastifyRequest, rawBody: Buffer): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const body = request.method === "POST" ? parseBody(rawBody) : undefined;
  return { method: request.method, headers, search: `?${queryOf(request.raw)}`, body };
}

function parseBody(rawBody: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(rawBody));
  } catch {
    throw new CatalogError("GRAPHQL_PARSE_FAILED", 'the body is not JSON; send {"query": "…", "variables": {…}}');
  }
}

function methodNotAllowed(_request: FastifyRequest, reply: FastifyReply): never {
  reply.header("allow", "GET, POST");
  throw Object.assign(new Error("method not allowed"), { statusCode: 405 });
}

/** Fastify's own refusals in our words. */
function fromFastify(error: unknown, bodyBytes: number): unknown {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new CatalogError("BODY_TOO_LARGE", `the body is larger than ${bodyBytes} bytes; send less at once`);
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new CatalogError("BAD_USER_INPUT", "the body must have content-type application/json");
  }
  if (statusCode === 405) return new CatalogError("BAD_USER_INPUT", "use POST, or GET for queries");
  const isRefusal =
    typeof code === "string" && code.startsWith("FST_") && typeof statusCode === "number" && statusCode < 500;
  return isRefusal ? new CatalogError("BAD_USER_INPUT", (error as Error).message) : error;
}

function fastifyStatus(error: unknown): number | undefined {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const isOurs = error instanceof CatalogError || typeof statusCode !== "number";
  return isOurs || (statusCode >= 500 && typeof code !== "string") ? undefined : statusCode;
}

/** Reads what is left of a body and keeps nothing of it; false where that is too much or takes too long. */
function isDrained(body: IncomingMessage): Promise<boolean> {
  if (Number(body.headers["content-length"]) > DRAINED_BYTES) return Promise.resolve(false);
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (isWhole: boolean): void => {
      clearTimeout(timer);
      body.off("data", count).pause();
      resolve(isWhole);
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > DRAINED_BYTES) finish(false);
    };
    const timer = setTimeout(() => finish(false), DRAINED_MS);
    if (body.readableEnded || body.destroyed) return finish(body.readableEnded);
    body
      .once("end", () => finish(true))
      .once("close", () => finish(false))
      .on("data", count)
      .resume();
  });
}
