import { Backoff, delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import { PinMismatchError } from "@catalog/server/outgoing/pinned-agent";
import { CatalogError } from "@catalog/schema/errors";
import type { Broker } from "../domain/broker.js";
import type { FeedSink } from "../services/brokers/broker-ports.js";
import { FeedConnection, type FeedTarget, type FeedTimings } from "./feed-connection.js";

/** Errors after which the Broker has to be asked whether this cluster is a member. */
const MEMBERSHIP_LOST: ReadonlySet<string> = new Set(["MEMBER_PENDING", "NOT_A_MEMBER", "PROOF_KEY_UNKNOWN"]);

/** What a session needs to know and to tell about its Broker. */
export interface SessionHost {
  /** The Broker as it is registered now; undefined once it is not. */
  broker(): Promise<Broker | undefined>;
  /** Asks the Broker whether this cluster is a member (or asks to become one), and remembers the answer. */
  enrol(broker: Broker): Promise<Broker>;
  /** The Broker no longer takes this cluster for a member. */
  lostMembership(broker: Broker): Promise<void>;
  /** The Broker has shown another TLS key than the pinned one. */
  changedTlsKey(broker: Broker): Promise<void>;
  /** Where to connect. @throws EndpointRefusedError, PEER_UNREACHABLE */
  target(broker: Broker, since: string | null): Promise<FeedTarget>;
  /** Told of a CLOCK_SKEW: true if another attempt can help. */
  isClockCorrected(broker: Broker, error: unknown): boolean;
  connected(): void;
  heard(): void;
  malformed(count: number): void;
  ended(error: Error | null): void;
}

/** How long a session waits for what, in milliseconds. */
export interface SessionTimings extends FeedTimings {
  readonly reconnectFirstMs: number;
  readonly reconnectMaxMs: number;
}

/** Follows the feed of one Broker for as long as it is registered: reconnects for ever, keeps asking while its admission is pending. */
export class BrokerSession {
  private readonly backoff: Backoff;
  /** The Broker does not take the stored cursor for its own: the next connection begins with everything. */
  private isCursorRefused = false;

  constructor(
    private readonly brokerID: string,
    private readonly host: SessionHost,
    private readonly sink: FeedSink,
    private readonly timings: SessionTimings,
    private readonly log: Logger,
  ) {
    this.backoff = new Backoff(timings.reconnectFirstMs, timings.reconnectMaxMs);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const error = await this.attempt(signal);
      if (signal.aborted) break;
      this.host.ended(error);
      this.log.warn({ reason: error.message }, "not connected to the Broker; trying again");
      await delay(this.backoff.next(), signal);
    }
    this.host.ended(null);
  }

  /** One connection from beginning to end; returns why it ended. */
  private async attempt(signal: AbortSignal): Promise<Error> {
    let broker: Broker | undefined;
    try {
      broker = await this.host.broker();
      if (broker === undefined) return new CatalogError("BROKER_NOT_FOUND", "The Broker is not registered any more.");
      return await this.connect(broker, signal);
    } catch (error) {
      if (broker !== undefined) await this.learn(broker, error);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async connect(registered: Broker, signal: AbortSignal): Promise<Error> {
    const broker = registered.membership === "PENDING" ? await this.host.enrol(registered) : registered;
    if (broker.membership === "PENDING") {
      return new CatalogError("MEMBER_PENDING", "The Broker's operator has not admitted this cluster yet.");
    }
    const since = this.isCursorRefused ? null : await this.sink.cursor(this.brokerID);
    const target = await this.host.target(broker, since);
    const connection = new FeedConnection(target, this.timings, {
      connected: () => {
        this.backoff.reset();
        this.host.connected();
      },
      message: async ({ event, malformed }) => {
        this.host.heard();
        if (malformed > 0) this.host.malformed(malformed);
        await this.sink.apply(this.brokerID, event);
        this.isCursorRefused = false;
      },
    });
    await connection.run(signal);
    return new Error("stopped");
  }

  /** Prepares the next attempt by what made this one fail. */
  private async learn(broker: Broker, error: unknown): Promise<void> {
    this.isCursorRefused ||= error instanceof CatalogError && error.code === "CURSOR_INVALID";
    try {
      if (this.host.isClockCorrected(broker, error)) this.backoff.reset();
      if (error instanceof CatalogError && MEMBERSHIP_LOST.has(error.code)) await this.host.lostMembership(broker);
      if (isPinMismatch(error)) await this.host.changedTlsKey(broker);
    } catch (failure) {
      this.log.warn({ err: failure }, "what a failed connection has taught could not be kept");
    }
  }
}

function isPinMismatch(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof PinMismatchError) return true;
  return false;
}
