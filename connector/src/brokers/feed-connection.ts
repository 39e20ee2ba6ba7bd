import { CATALOG_SUBSCRIPTION } from "@catalog/schema/feed";
import { CatalogError, isErrorCode } from "@catalog/schema/errors";
import { createClient, type Client } from "graphql-ws";
import type { ClientRequestArgs } from "node:http";
import { WebSocket, type ClientOptions } from "ws";
import { readFeedMessage, type ReadMessage } from "./feed-message.js";

/** A subscription whose messages are this far ahead of their application makes its socket wait. */
const MAX_WAITING = 4;
/** A message carries at most 1 MiB of changes; the rest is room for its envelope. */
const MAX_PAYLOAD = 4 * 1024 * 1024;

/** Where and how to subscribe. */
export interface FeedTarget {
  readonly url: string;
  /** The cursor to continue from; null begins with everything. */
  readonly since: string | null;
  /** Payload of connection_init, made anew for each connection because a proof is good for one use only. */
  readonly connectionParams: () => Promise<Record<string, unknown>>;
  /** TLS and address rules of the connection. */
  readonly socketOptions: ClientOptions & ClientRequestArgs;
}

/** How long the client waits for what, in milliseconds. */
export interface FeedTimings {
  /** Silence after which the connection counts as dead. */
  readonly silenceMs: number;
  readonly connectMs: number;
}

/** What happens on a connection. */
export interface FeedEvents {
  /** The Broker has accepted the proof. */
  connected(): void;
  /** One message; the next one comes after this has settled. */
  message(message: ReadMessage): Promise<void>;
}

/** One connection to one Broker's feed, from the handshake to its end. Reconnecting is the caller's. */
export class FeedConnection {
  private readonly ended: Promise<Error | null>;
  private end: (reason: Error | null) => void = () => undefined;
  private isCut = false;
  private lane: Promise<void> = Promise.resolve();
  private waiting = 0;
  private socket: WebSocket | undefined;
  private silence: NodeJS.Timeout | undefined;

  constructor(
    private readonly target: FeedTarget,
    private readonly timings: FeedTimings,
    private readonly events: FeedEvents,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** Resolves when `signal` has ended it; rejects with the reason whenever it ends otherwise. */
  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const client = this.open();
    const stop = (): void => this.end(null);
    signal.addEventListener("abort", stop, { once: true });
    const reason = await this.ended;
    signal.removeEventListener("abort", stop);
    clearTimeout(this.silence);
    this.cut();
    await client.dispose();
    await this.lane;
    if (reason !== null) throw reason;
  }

  private open(): Client {
    const { socketOptions } = this.target;
    class FeedSocket extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { ...socketOptions, maxPayload: MAX_PAYLOAD, perMessageDeflate: false });
      }
    }
    this.listen("the Broker does not answer", this.timings.connectMs);
    const client = createClient({
      url: this.target.url,
      connectionParams: this.target.connectionParams,
      webSocketImpl: FeedSocket,
      retryAttempts: 0,
      generateID: () => "catalog",
      on: {
        opened: (socket) => {
          if (socket instanceof WebSocket) this.socket = socket;
        },
        connected: () => {
          this.heard();
          this.events.connected();
        },
      },
    });
    client.subscribe<unknown>(
      { query: CATALOG_SUBSCRIPTION, variables: { since: this.target.since } },
      {
        next: (result) => (result.errors === undefined ? this.receive(result.data) : this.fail(result.errors)),
        error: (error) => this.fail(error),
        complete: () => this.fail(new Error("the Broker has ended the subscription")),
      },
    );
    return client;
  }

  private receive(data: unknown): void {
    this.heard();
    const message = readFeedMessage(data);
    if (message === undefined)
      return this.fail(new Error("the Broker sent something that is not a message of the catalog feed"));
    this.waiting += 1;
    if (this.waiting >= MAX_WAITING) this.socket?.pause();
    this.lane = this.lane.then(() => this.deliver(message));
  }

  private async deliver(message: ReadMessage): Promise<void> {
    if (this.isCut) return;
    try {
      await this.events.message(message);
    } catch (error) {
      return this.fail(error);
    }
    this.waiting -= 1;
    if (this.waiting < MAX_WAITING && this.socket?.isPaused === true) {
      this.heard();
      this.socket.resume();
    }
  }

  /** Nothing received after this is applied. */
  private cut(): void {
    this.isCut = true;
    this.socket?.terminate();
  }

  private heard(): void {
    this.listen(
      `the Broker has been silent for ${Math.round(this.timings.silenceMs / 1000)} s`,
      this.timings.silenceMs,
    );
  }

  private listen(complaint: string, ms: number): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      if (this.socket?.isPaused === true) return this.listen(complaint, ms);
      this.fail(new Error(complaint));
    }, ms);
  }

  private fail(reason: unknown): void {
    this.cut();
    this.end(asError(reason));
  }
}

/** What a socket, GraphQL or the network gave as the reason, as one error; with our code where it names one. */
export function asError(reason: unknown): Error {
  if (reason instanceof AggregateError) return unreachable(reason);
  if (reason instanceof Error) return reason;
  if (Array.isArray(reason)) return fromGraphqlErrors(reason);
  if (typeof reason === "object" && reason !== null && "code" in reason) {
    const text = "reason" in reason && typeof reason.reason === "string" ? reason.reason : "";
    return (
      fromCloseReason(text) ??
      new Error(`the Broker closed the connection (${String(reason.code)}${text === "" ? "" : `: ${text}`})`)
    );
  }
  return unreachable(reason);
}

function unreachable(event: unknown): Error {
  const cause: unknown = typeof event === "object" && event !== null && "error" in event ? event.error : event;
  return new Error(`the Broker cannot be reached: ${networkReason(cause)}`, { cause });
}

/** What the network said; several addresses, several errors. */
function networkReason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(networkReason).join("; ");
  return error instanceof Error && error.message !== "" ? error.message : "no reason given";
}

/** A refused connection_init closes the socket with the reason `CODE[ serverTime=…]: message`. */
function fromCloseReason(text: string): CatalogError | undefined {
  const [, code = "", serverTime, message = ""] =
    /^([A-Z][A-Z_]+)(?: serverTime=(\d{1,15}))?: ?(.*)$/s.exec(text) ?? [];
  if (!isErrorCode(code)) return undefined;
  return new CatalogError(
    code,
    message || code,
    serverTime === undefined ? undefined : { serverTime: Number(serverTime) },
  );
}

function fromGraphqlErrors(errors: readonly unknown[]): Error {
  const [first] = errors;
  if (typeof first !== "object" || first === null || !("message" in first))
    return new Error("the Broker refused the subscription");
  const message = String(first.message);
  const extensions = "extensions" in first ? first.extensions : undefined;
  const code =
    typeof extensions === "object" && extensions !== null && "code" in extensions ? String(extensions.code) : "";
  return isErrorCode(code) ? new CatalogError(code, message) : new Error(message);
}
