import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import { CatalogError } from "@catalog/schema/errors";
import type { AddressRules } from "./address-policy.js";
import { EndpointGuard, type CheckedEndpoint, type Resolver } from "./endpoint-guard.js";
import { peerSpki, PinMismatchError, PinnedAgent, type PinOptions } from "./pinned-agent.js";

/** Bounds and rules of outgoing calls. */
export interface SafeFetchOptions extends AddressRules {
  /** For the whole call: name, connection, request and answer. Default 10 s. */
  readonly timeoutMs?: number;
  /** Largest answer. Default 256 KiB. */
  readonly maxBytes?: number;
  /** Stands in for the system's resolver. */
  readonly resolve?: Resolver;
}

/** One POST of JSON. */
export interface PostOptions extends PinOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The own admin typed this URL: it may be private without a setting. */
  readonly isPrivateAllowed?: boolean;
  readonly signal?: AbortSignal;
}

/** What came back, whatever its status. */
export interface PostAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Pin of the certificate that the peer showed; undefined over http. */
  readonly spki: string | undefined;
}

/** Errors of establishing a connection, after which another address may be tried: nothing was sent. */
const CONNECT_ERRORS: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EADDRNOTAVAIL",
]);
const AGENT = { keepAlive: true, maxSockets: 8, maxTotalSockets: 256, maxFreeSockets: 4, timeout: 30_000 };

/** Calls URLs that came from outside: the rules of {@link EndpointGuard}, no redirects, bounded in time and size. */
export class SafeFetch {
  readonly guard: EndpointGuard;
  private readonly http = new HttpAgent(AGENT);
  private readonly https = new PinnedAgent(AGENT);
  private readonly timeoutMs: number;
  private readonly maxBytes: number;

  constructor(options: SafeFetchOptions) {
    this.guard = new EndpointGuard(options, options.resolve);
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.maxBytes = options.maxBytes ?? 262_144;
  }

  /**
   * Posts JSON and returns the answer of any status; redirects are answers.
   * @throws EndpointRefusedError for a URL that may not be called; CatalogError PEER_UNREACHABLE, with the reason as its
   *   `cause`, for everything that is no whole answer: a PinMismatchError among others.
   */
  async postJson(url: string, options: PostOptions): Promise<PostAnswer> {
    const timeout = AbortSignal.timeout(this.timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    const endpoint = await orAborted(this.guard.check(url, options.isPrivateAllowed), signal);
    try {
      return await this.tryAddresses(endpoint, options, signal);
    } catch (error) {
      throw unreachable(endpoint.url, timeout.aborted ? new Error(`no answer within ${this.timeoutMs} ms`) : error);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  private async tryAddresses(
    endpoint: CheckedEndpoint,
    options: PostOptions,
    signal: AbortSignal,
  ): Promise<PostAnswer> {
    let failure: unknown;
    for (const address of endpoint.addresses.slice(0, 4)) {
      try {
        return await this.post(endpoint, address, options, signal);
      } catch (error) {
        failure = error;
        if (!CONNECT_ERRORS.has(String((error as NodeJS.ErrnoException).code))) break;
      }
    }
    throw failure;
  }

  private async post(
    endpoint: CheckedEndpoint,
    address: string,
    options: PostOptions,
    signal: AbortSignal,
  ): Promise<PostAnswer> {
    const request = this.open(endpoint, address, options, signal);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.once("error", reject);
      request.end(options.body);
    });
    const spki = response.socket instanceof TLSSocket ? peerSpki(response.socket) : undefined;
    const body = await this.read(response);
    return { status: response.statusCode ?? 0, contentType: response.headers["content-type"] ?? "", body, spki };
  }

  private open(
    { url, host }: CheckedEndpoint,
    address: string,
    options: PostOptions,
    signal: AbortSignal,
  ): ClientRequest {
    const common: RequestOptions = {
      host: address,
      port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
      path: url.pathname,
      method: "POST",
      signal,
      headers: {
        ...options.headers,
        host: url.host,
        accept: "application/json",
        "content-type": "application/json",
        "content-length": String(options.body.byteLength),
      },
    };
    if (url.protocol === "http:") return httpRequest({ ...common, agent: this.http });
    const pin: PinOptions = { pinnedSpki: options.pinnedSpki, isAnyCertificate: options.isAnyCertificate };
    // The name is checked against the certificate, the address is where the connection goes.
    const tls = { ...common, ...pin, agent: this.https, servername: isIP(host) === 0 ? host : "" };
    return httpsRequest(tls);
  }

  private async read(response: IncomingMessage): Promise<string> {
    if (response.headers["content-encoding"] !== undefined) {
      response.destroy();
      throw new Error("the answer is compressed, which was not asked for");
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > this.maxBytes) throw new Error(`the answer is larger than ${this.maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = withRejection<T>();
  const abort = (): void =>
    reject(new CatalogError("PEER_UNREACHABLE", "the name of the other party was not resolved in time"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function withRejection<T>(): { promise: Promise<T>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((_resolve, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}

function unreachable(url: URL, cause: unknown): CatalogError {
  const reason =
    cause instanceof PinMismatchError
      ? cause.message
      : ((cause as NodeJS.ErrnoException).code ?? (cause as Error).message);
  const error = new CatalogError("PEER_UNREACHABLE", `${url.origin} did not answer: ${reason}`);
  error.cause = cause;
  return error;
}
