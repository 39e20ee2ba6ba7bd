import { createHash } from "node:crypto";

import type { OfferFilter } from "@catalog/schema/offer-filter";
import { delay } from "@catalog/server/backoff";
import { CLOSE } from "@catalog/server/graphql/close-codes";
import type { OfferedSubscription } from "@catalog/server/graphql/listener-options";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";

import type { EncodedSegment } from "./encoded-segment.js";
import { EventEncoder, type Execution } from "./event-encoder.js";
import { FeedGroup } from "./feed-group.js";
import type { FeedReader } from "./feed-reader.js";
import { FeedSubscriber } from "./feed-subscriber.js";
import type { LogTail } from "./log-tail.js";
import { SegmentCache } from "./segment-cache.js";
import { selectionOf, type Selection } from "./selection.js";
import { shapeOf, type SubscriptionShape } from "./subscription-shape.js";

/** Periods and bounds of serving subscribers. */
export interface HubLimits {
  /** Silence after which a subscriber hears a heartbeat, in ms. */
  readonly heartbeatMs: number;
  /** What a socket may hold before its subscriptions are passed over, in bytes. */
  readonly bufferedBytes: number;
  /** How long a socket may hold more before it is closed, in ms. */
  readonly stuckMs: number;
  /** Finished messages kept for others, in bytes and ms. */
  readonly cacheBytes: number;
  readonly cacheMs: number;
}

/** The subscription `catalog`, as the server offers it to be taken over; whoever asks, it reads the same. */
export type Offered = Pick<
  OfferedSubscription<unknown, unknown>,
  "id" | "session" | "query" | "document" | "operationName" | "variables"
>;

interface Member {
  readonly group: FeedGroup;
  readonly subscriber: FeedSubscriber;
  readonly viewer: unknown;
  /** Closes the socket. */
  close(code: number, reason: string): void;
}

const TOO_SLOW = "the client does not read fast enough; reconnect and go on from the last cursor";

/** How often stuck and silent subscribers are looked for, at most (ms). */
const TICK_MS = 1_000;

/**
 * Serves the subscription `catalog` to sockets: subscribers of the same document, variables and filter form a group that is
 * executed once for all. What it takes over never reaches the resolvers' own subscription.
 */
export class FeedHub implements Task {
  readonly name = "feed hub";
  private readonly groups = new Map<string, FeedGroup>();
  private readonly members = new Set<Member>();
  private readonly cache: SegmentCache<EncodedSegment>;

  constructor(
    private readonly execution: Execution,
    private readonly reader: FeedReader,
    private readonly tail: LogTail,
    private readonly limits: HubLimits,
    private readonly log: Logger,
  ) {
    this.cache = new SegmentCache(limits.cacheBytes, limits.cacheMs);
  }

  /** Subscribers and groups now, for metrics. */
  get size(): { readonly subscribers: number; readonly groups: number } {
    return { subscribers: this.members.size, groups: this.groups.size };
  }

  /** How many changes each subscriber of this process has not been sent yet; `viewer` is whose it is. */
  get behind(): readonly { readonly viewer: unknown; readonly changes: number }[] {
    return [...this.members].map(({ viewer, subscriber }) => ({
      viewer,
      changes: Math.max(0, this.tail.revision - subscriber.position.revision),
    }));
  }

  /** What the sockets of all subscribers hold now; a socket counts once for each of its subscriptions. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const { subscriber } of this.members) bytes += subscriber.bufferedBytes;
    return bytes;
  }

  /**
   * Takes a subscription over if it is `catalog`: returns what ends it. The caller has checked that the viewer may read.
   * Throws BAD_USER_INPUT for a filter, CURSOR_INVALID for a cursor that is not valid, UNAVAILABLE while it cannot begin.
   */
  async takeOver(offered: Offered): Promise<(() => void) | undefined> {
    const shape = shapeOf(this.execution.schema, offered.document, offered.operationName, offered.variables);
    if (shape?.field !== "catalog") return undefined;
    const filter: OfferFilter | null = shape.arguments["filter"] ?? null;
    const selection = selectionOf(filter);
    const position = await this.reader.open((shape.arguments["since"] ?? null) as string | null, selection.hash);
    const group = this.groupOf(offered, shape, selection);
    const subscriber = new FeedSubscriber(
      { id: offered.id, socket: offered.session.socket },
      position,
      this.limits.bufferedBytes,
      performance.now(),
    );
    const { session } = offered;
    return this.join({
      group,
      subscriber,
      viewer: session.viewer,
      close: (code, reason) => session.close(code, reason),
    });
  }

  /** Serves until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const end = this.tail.onNews(() => this.pump());
    while (!signal.aborted) {
      await delay(Math.min(TICK_MS, this.limits.heartbeatMs / 4), signal);
      this.tick();
    }
    end();
  }

  private pump(): void {
    for (const group of this.groups.values()) group.pump();
  }

  private join(member: Member): () => void {
    const { group, subscriber } = member;
    this.members.add(member);
    group.subscribers.add(subscriber);
    this.groups.set(group.key, group);
    group.schedule();
    return () => this.leave(member);
  }

  private leave(member: Member): void {
    this.members.delete(member);
    member.group.subscribers.delete(member.subscriber);
    if (member.group.subscribers.size === 0) this.groups.delete(member.group.key);
  }

  /** Closes who is stuck, tells the silent that nothing is new, and serves again who could not be served before. */
  private tick(): void {
    const now = performance.now();
    for (const member of this.members) {
      const blockedSince = member.subscriber.blockedSince(now);
      if (blockedSince === undefined || now - blockedSince < this.limits.stuckMs) continue;
      member.close(CLOSE.tooSlow, TOO_SLOW);
      this.leave(member); // the socket itself may take long to close: its other end does not read
    }
    for (const group of this.groups.values()) this.comfort(group, now);
    this.cache.expire();
    this.pump();
  }

  private comfort(group: FeedGroup, now: number): void {
    const isSilent = (subscriber: FeedSubscriber): boolean =>
      now - subscriber.lastSentAt >= this.limits.heartbeatMs &&
      subscriber.position.phase !== "RESET" &&
      subscriber.blockedSince(now) === undefined;
    const silent = [...group.subscribers].filter(isSilent);
    if (silent.length === 0) return;
    group.heartbeat(silent).catch((error: unknown) => this.log.error({ err: error }, "a heartbeat could not be made"));
  }

  private groupOf(offered: Offered, shape: SubscriptionShape, selection: Selection): FeedGroup {
    const text = JSON.stringify([
      offered.query,
      offered.operationName ?? null,
      sorted(shape.variables),
      selection.hash,
    ]);
    const key = createHash("sha256").update(text).digest("base64url");
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const encoder = new EventEncoder(this.execution, shape, offered.operationName, this.log);
    return new FeedGroup({ key, selection, encoder }, this.reader, this.cache, this.log);
  }
}

function sorted(variables: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}
