import type { Logger } from "@catalog/server/log";

import { positionKey, type FeedPosition } from "../domain/feed-position.js";
import type { ReadableEvent } from "../services/feed-port.js";
import { EncodedSegment } from "./encoded-segment.js";
import type { EventEncoder } from "./event-encoder.js";
import type { FeedReader } from "./feed-reader.js";
import type { FeedSubscriber } from "./feed-subscriber.js";
import type { SegmentCache } from "./segment-cache.js";
import type { Selection } from "./selection.js";

/** What the subscribers of a group have in common. */
export interface GroupSubject {
  /** Unique in the process. */
  readonly key: string;
  readonly selection: Selection;
  /** Executes the group's document. */
  readonly encoder: Pick<EventEncoder, "encode">;
}

/** Sends to a group yield to the rest of the process after so long (ms); looked at every so many subscribers. */
const SLICE_MS = 5;
const SLICE_CHECK = 64;

/**
 * Subscribers of the same document, variables and filter. What comes next from one place in the feed is read, executed and
 * serialised once, and sent to all that stand there.
 */
export class FeedGroup {
  readonly subscribers = new Set<FeedSubscriber>();
  private readonly running = new Map<string, Promise<EncodedSegment | undefined>>();
  private isScheduled = false;

  constructor(
    private readonly subject: GroupSubject,
    private readonly reader: FeedReader,
    private readonly cache: SegmentCache<EncodedSegment>,
    private readonly log: Logger,
  ) {}

  get key(): string {
    return this.subject.key;
  }

  /** Sends what is next to everybody who is ready for it, at the next turn of the event loop. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.pump();
    });
  }

  /** Sends what is next to everybody who is ready for it. */
  pump(): void {
    const now = performance.now();
    const places = new Map<string, FeedSubscriber[]>();
    for (const subscriber of this.subscribers) {
      if (subscriber.isBusy || !this.reader.hasNext(subscriber.position) || subscriber.blockedSince(now) !== undefined)
        continue;
      subscriber.isBusy = true;
      const key = positionKey(subscriber.position);
      const there = places.get(key);
      if (there === undefined) places.set(key, [subscriber]);
      else there.push(subscriber);
    }
    for (const there of places.values()) void this.serve(there);
  }

  /** Tells `subscribers`, who have heard nothing for a while, that there is nothing new. */
  async heartbeat(subscribers: readonly FeedSubscriber[]): Promise<void> {
    for (const subscriber of subscribers) {
      if (subscriber.isBusy) continue;
      const { position } = subscriber;
      const segment = await this.once(`heartbeat ${positionKey(position)}`, async () =>
        this.encode([this.reader.heartbeat(position, this.subject.selection)], position),
      );
      const isStillThere = subscriber.position === position && !subscriber.isBusy && this.subscribers.has(subscriber);
      if (segment !== undefined && isStillThere) this.deliver(subscriber, segment);
    }
  }

  /** Never rejects: who could not be served stays where it stands and is served at the next occasion. */
  private async serve(subscribers: readonly FeedSubscriber[]): Promise<void> {
    try {
      const position = subscribers[0]?.position;
      const segment = position && (await this.segmentAfter(position));
      if (segment === undefined) return;
      await this.deliverAll(subscribers, segment);
      this.schedule();
    } catch (error) {
      this.log.warn({ err: error }, "the feed cannot go on for some subscribers now; it will be tried again");
    } finally {
      for (const subscriber of subscribers) subscriber.isBusy = false;
    }
  }

  private async deliverAll(subscribers: readonly FeedSubscriber[], segment: EncodedSegment): Promise<void> {
    let sliceEnd = performance.now() + SLICE_MS;
    for (const [n, subscriber] of subscribers.entries()) {
      if (this.subscribers.has(subscriber)) this.deliver(subscriber, segment);
      if (n % SLICE_CHECK !== SLICE_CHECK - 1 || performance.now() < sliceEnd) continue;
      await new Promise(setImmediate);
      sliceEnd = performance.now() + SLICE_MS;
    }
  }

  private deliver(subscriber: FeedSubscriber, segment: EncodedSegment): void {
    if (subscriber.isOpen) subscriber.deliver(segment, performance.now(), () => this.schedule());
  }

  private async segmentAfter(position: FeedPosition): Promise<EncodedSegment | undefined> {
    const made = await this.once(positionKey(position), () => this.makeSegment(position));
    if (made === undefined || made.isPresent()) return made;
    return this.makeSegment(position);
  }

  private async makeSegment(position: FeedPosition): Promise<EncodedSegment | undefined> {
    const segment = await this.reader.next(position, this.subject.selection);
    return segment && this.encode(segment.events, segment.end, () => this.reader.isPresent(segment));
  }

  private async encode(
    events: readonly ReadableEvent[],
    end: FeedPosition,
    isPresent = () => true,
  ): Promise<EncodedSegment> {
    return new EncodedSegment(
      await Promise.all(events.map((event) => this.subject.encoder.encode(event))),
      end,
      isPresent,
    );
  }

  /** One making of what `key` names serves all who ask while it runs, and for a while after. */
  private once(key: string, make: () => Promise<EncodedSegment | undefined>): Promise<EncodedSegment | undefined> {
    const cacheKey = `${this.subject.key} ${key}`;
    const kept = this.cache.get(cacheKey);
    if (kept !== undefined) return Promise.resolve(kept);
    const running = this.running.get(key) ?? this.make(key, cacheKey, make);
    return running;
  }

  private make(
    key: string,
    cacheKey: string,
    make: () => Promise<EncodedSegment | undefined>,
  ): Promise<EncodedSegment | undefined> {
    const made = make()
      .then((segment) => {
        if (segment !== undefined) this.cache.set(cacheKey, segment);
        return segment;
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, made);
    return made;
  }
}
