import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { createInterface } from "node:readline";
import type { KubeLogin, KubeLogins } from "./kube-login.js";

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; default application/json. */
  readonly contentType?: string;
}

/** The answer of the API server, of any status; text where it is no JSON. */
export interface KubeAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An answer that goes on, line by line; `body` is there only if the status is not 200. */
export interface KubeStream extends KubeAnswer {
  readonly lines: AsyncIterable<string>;
}

/** HTTP to the API server. Each method rejects when there is no whole answer. */
export interface KubeTransport {
  send(request: KubeRequest): Promise<KubeAnswer>;
  /** The stream ends, or throws, when the connection does; aborting ends it without an error. */
  open(request: KubeRequest, signal: AbortSignal): Promise<KubeStream>;
}

const TIMEOUT_MS = 30_000;
/** A page of 500 objects of at most some hundred kilobytes each. */
const MAX_BYTES = 128 * 1024 * 1024;
/** A watch is quiet for a minute at most, then the API server sends a bookmark; its keepalive finds a dead host sooner. */
const KEEPALIVE_MS = 15_000;

/** Talks to the API server that the login names. */
export class HttpKubeTransport implements KubeTransport {
  /** @param timeoutMs for a whole answer, watches excepted. */
  constructor(
    private readonly logins: KubeLogins,
    private readonly timeoutMs: number = TIMEOUT_MS,
  ) {}

  async send(request: KubeRequest): Promise<KubeAnswer> {
    const answer = await this.sendOnce(request);
    if (answer.status !== 401) return answer;
    await this.logins.refresh();
    return this.sendOnce(request);
  }

  async open(request: KubeRequest, signal: AbortSignal): Promise<KubeStream> {
    let response = await this.start(request, signal);
    if (response.statusCode === 401) {
      response.destroy();
      await this.logins.refresh();
      response = await this.start(request, signal);
    }
    const status = response.statusCode ?? 0;
    if (status !== 200) return { status, body: await readBody(response), lines: noLines() };
    response.socket.setKeepAlive(true, KEEPALIVE_MS);
    return { status, body: undefined, lines: linesOf(response, signal) };
  }

  private async sendOnce(request: KubeRequest): Promise<KubeAnswer> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const response = await this.start(request, signal);
      return { status: response.statusCode ?? 0, body: await readBody(response) };
    } catch (error) {
      if (signal.aborted) throw new Error(`no answer within ${this.timeoutMs / 1000} s`, { cause: error });
      throw error;
    }
  }

  private async start(request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const login = await this.logins.get();
    try {
      return await exchange(login, request, signal);
    } catch (error) {
      // Its certificate is by an authority that the file may name by now; nothing was sent.
      if (isUntrusted(error)) {
        await this.logins.refresh();
        return exchange(await this.logins.get(), request, signal);
      }
      // The server closed a kept connection while it was being used again: nothing was read from it.
      if (request.method !== "GET" || !isStale(error)) throw error;
      return exchange(login, request, signal);
    }
  }
}

const STALE = Symbol("stale");

function isStale(error: unknown): boolean {
  return typeof error === "object" && error !== null && STALE in error;
}

const UNTRUSTED = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
  "CERT_HAS_EXPIRED",
]);

function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.has((error as NodeJS.ErrnoException | null)?.code ?? "");
}

function exchange(login: KubeLogin, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const call = open(login, request, signal, body?.byteLength ?? 0);
    call.once("response", resolve);
    call.on("error", (error: NodeJS.ErrnoException) => {
      if (call.reusedSocket && error.code === "ECONNRESET") Object.assign(error, { [STALE]: true });
      reject(error);
    });
    call.end(body);
  });
}

function open(login: KubeLogin, request: KubeRequest, signal: AbortSignal, length: number): ClientRequest {
  const { server, agent } = login;
  const query = new URLSearchParams(request.query).toString();
  const prefix = server.pathname.replace(/\/$/, "");
  const headers: Record<string, string> = { ...login.headers, accept: "application/json" };
  if (request.body !== undefined) {
    headers["content-type"] = request.contentType ?? "application/json";
    headers["content-length"] = String(length);
  }
  const options = {
    host: server.hostname.replace(/^\[|\]$/g, ""),
    port: server.port === "" ? (server.protocol === "http:" ? 80 : 443) : Number(server.port),
    method: request.method,
    path: `${prefix}${request.path}${query === "" ? "" : `?${query}`}`,
    headers,
    agent,
    signal,
  };
  return server.protocol === "http:" ? httpRequest(options) : httpsRequest(options);
}

async function readBody(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { message: text.slice(0, 300) };
  }
}

async function* noLines(): AsyncGenerator<string> {
  yield* [];
}

/** `readline` ends quietly when the connection dies: the error of the response is told instead. */
async function* linesOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  let failure: Error | undefined;
  response.on("error", (error) => {
    failure = error;
  });
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      if (line !== "") yield line;
    }
    if (signal.aborted) return;
    if (failure !== undefined) throw failure;
    if (!response.complete) throw new Error("the connection was closed");
  } finally {
    response.destroy();
  }
}
