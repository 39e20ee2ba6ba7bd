import { createHash } from "node:crypto";

import { canonicalFilter, filterProblems, type OfferFilter } from "@catalog/schema/offer-filter";
import { requireNoProblems } from "@catalog/schema/problem";
import { delay } from "@catalog/server/backoff";
import { CLOSE } from "@catalog/server/graphql/close-codes";
import type { OfferedSubscription } from "@catalog/server/graphql/listener-options";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import { execute, type GraphQLSchema } from "graphql";

import { FeedFilter } from "../domain/feed-filter.js";
import type { ReadableEvent } from "../services/feed-port.js";
import { filterHash } from "./cursor-codec.js";
import { EncodedSegment } from "./encoded-segment.js";
import { FeedGroup, type GroupSubject } from "./feed-group.js";
import type { FeedReader, Selection } from "./feed-reader.js";
import { FeedSubscriber } from "./feed-subscriber.js";
import type { LogTail } from "./log-tail.js";
import { SegmentCache } from "./segment-cache.js";
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

/** How events become messages. The context is that of a reader who may read everything: events are the same for all. */
export interface Execution {
  readonly schema: GraphQLSchema;
  readonly contextValue: unknown;
}

/** The subscription `catalog`, as the server offers it to be taken over; whoever asks, it reads the same. */
export type Offered = Pick<
  OfferedSubscription<unknown, unknown>,
  "id" | "session" | "query" | "document" | "operationName" | "variables"
>;

interface Member {
  readonly group: FeedGroup;
  readonly subscriber: FeedSubscriber;
  close(code: number, reason: string): void;
}

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

  /**
   * Takes a subscription over if it is `catalog`: returns what ends it. The caller has checked that the viewer may read.
   * Throws BAD_USER_INPUT for a filter, CURSOR_INVALID for a cursor that is not valid, UNAVAILABLE while it cannot begin.
   */
  async takeOver(offered: Offered): Promise<(() => void) | undefined> {
    const shape = shapeOf(this.execution.schema, offered.document, offered.operationName, offered.variables);
    if (shape?.field !== "catalog") return undefined;
    const filter = (shape.arguments["filter"] ?? null) as OfferFilter | null;
    const selection = selectionOf(filter);
    const position = await this.reader.open((shape.arguments["since"] ?? null) as string | null, selection.hash);
    const group = this.groupOf(offered, shape, selection);
    const subscriber = new FeedSubscriber(
      { id: offered.id, socket: offered.session.socket },
      position,
      this.limits.bufferedBytes,
      performance.now(),
    );
    return this.join({ group, subscriber, close: (code, reason) => offered.session.close(code, reason) });
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
    return () => {
      this.members.delete(member);
      group.subscribers.delete(subscriber);
      if (group.subscribers.size === 0) this.groups.delete(group.key);
    };
  }

  /** Closes who is stuck, tells the silent that nothing is new, and serves again who could not be served before. */
  private tick(): void {
    const now = performance.now();
    const silent = new Map<FeedGroup, FeedSubscriber[]>();
    for (const { group, subscriber, close } of this.members) {
      const blockedSince = subscriber.blockedSince(now);
      if (blockedSince !== undefined && now - blockedSince >= this.limits.stuckMs)
        close(CLOSE.tooSlow, "the client does not read fast enough; reconnect and go on from the last cursor");
      if (
        blockedSince !== undefined ||
        now - subscriber.lastSentAt < this.limits.heartbeatMs ||
        subscriber.position.phase === "RESET"
      )
        continue;
      silent.set(group, [...(silent.get(group) ?? []), subscriber]);
    }
    for (const [group, subscribers] of silent)
      void group.heartbeat(subscribers).catch((error: unknown) => this.log.error({ err: error }, "a heartbeat failed"));
    this.cache.expire();
    this.pump();
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
    const subject: GroupSubject = { key, selection, encode: encoderOf(this.execution, shape, offered.operationName) };
    return new FeedGroup(subject, this.reader, this.cache, this.log);
  }
}

/** Reads a filter. Throws BAD_USER_INPUT with everything that is wrong with it. */
export function selectionOf(filter: OfferFilter | null): Selection {
  requireNoProblems(filterProblems(filter).map((problem) => ({ ...problem, path: `filter.${problem.path}` })));
  if (filter === null) return { filter: null, hash: filterHash("") };
  return { filter: new FeedFilter(filter), hash: filterHash(canonicalFilter(filter)) };
}

/** Executes a subscription's selection with an event as its root. */
function encoderOf(
  { schema, contextValue }: Execution,
  { document, variables }: SubscriptionShape,
  operationName: string | undefined,
): (event: ReadableEvent) => Promise<Buffer> {
  return async (event) => {
    const result = await execute({
      schema,
      document,
      operationName,
      variableValues: variables,
      rootValue: event,
      contextValue,
    });
    return Buffer.from(JSON.stringify(result));
  };
}

function sorted(variables: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}
