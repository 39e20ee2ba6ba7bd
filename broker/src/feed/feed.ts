import type { OfferFilter } from "@catalog/schema/offer-filter";

import type { FeedHead } from "../services/catalog-ports.js";
import type { FeedPort, ReadableEvent } from "../services/feed-port.js";
import type { FeedReader } from "./feed-reader.js";
import type { LogTail } from "./log-tail.js";
import { selectionOf } from "./selection.js";

/** How long after the beginning of an epoch older proofs are refused, in seconds: as long as one may live, and its clock be wrong. */
const EPOCH_SETTLING_SECONDS = 120;

/** The catalog feed for readers in this process, one event after the other. */
export class Feed implements FeedPort {
  constructor(
    private readonly reader: FeedReader,
    private readonly tail: LogTail,
    private readonly heartbeatMs: number,
  ) {}

  /** The head of the log as this process knows it; undefined before it was first read. */
  head(): FeedHead | undefined {
    return this.tail.head;
  }

  /**
   * Whether a proof made at `iat` (Unix s) must be refused at `now` because the epoch began after it, within the last two minutes:
   * the database may have forgotten that the proof was used.
   */
  refusesProof(iat: number, now: number): boolean {
    const { epochBegan } = this.tail.head ?? { epochBegan: Number.NEGATIVE_INFINITY };
    return iat < epochBegan && now < epochBegan + EPOCH_SETTLING_SECONDS;
  }

  /**
   * Events from `since` on, or from the beginning. Ends when the consumer stops; a consumer that is slow is told more at once later.
   * Throws BAD_USER_INPUT or CURSOR_INVALID at the first step, UNAVAILABLE when the catalog cannot be read.
   */
  subscribe(args: {
    readonly since: string | null;
    readonly filter: OfferFilter | null;
  }): AsyncIterableIterator<ReadableEvent> {
    const stop = new AbortController();
    const events = this.events(args, stop.signal);
    return {
      next: () => events.next(),
      // Ends a step that waits for news, behind which the generator's own return would wait too.
      return: () => {
        stop.abort();
        return events.return(undefined);
      },
      throw: (error: unknown) => {
        stop.abort();
        return events.throw(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  private async *events(
    { since, filter }: { readonly since: string | null; readonly filter: OfferFilter | null },
    signal: AbortSignal,
  ): AsyncGenerator<ReadableEvent, undefined> {
    const selection = selectionOf(filter);
    let position = await this.reader.open(since, selection.hash);
    while (!signal.aborted) {
      const seen = this.tail.revision;
      const segment = await this.reader.next(position, selection);
      if (segment !== undefined) {
        position = segment.end;
        yield* segment.events;
      } else if (this.tail.revision === seen && !(await this.news(signal)) && !signal.aborted) {
        yield this.reader.heartbeat(position, selection);
      }
    }
    return undefined;
  }

  /** False when nothing has come for the time of a heartbeat. */
  private async news(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isNew: boolean): void => {
        clearTimeout(timer);
        stopListening();
        signal.removeEventListener("abort", aborted);
        resolve(isNew);
      };
      const aborted = (): void => end(false);
      const timer = setTimeout(() => end(false), this.heartbeatMs);
      const stopListening = this.tail.onNews(() => end(true));
      signal.addEventListener("abort", aborted);
    });
  }
}
