import { hkdfSync } from "node:crypto";

import type { GraphQLSchema } from "graphql";

import { CursorCodec } from "./feed/cursor-codec.js";
import { FeedHub } from "./feed/feed-hub.js";
import { FeedReader } from "./feed/feed-reader.js";
import { Feed } from "./feed/feed.js";
import { LogTail } from "./feed/log-tail.js";
import type { BrokerContext } from "./graphql/context.js";
import type { Ground } from "./ground.js";
import { FeedLogRepository } from "./storage/feed-log.repository.js";
import { FEED_CHANNEL } from "./storage/feed-sql.js";

const FEED_CACHE = { cacheBytes: 64 * 1024 * 1024, cacheMs: 10_000 } as const;
const SHARED_RESET_MS = 2_000;
const LOG_BATCH = 1_000;

/** The feed, as its readers in this process share it. */
export interface Feeding {
  readonly tail: LogTail;
  readonly reader: FeedReader;
  readonly feed: Feed;
}

/** Wires the feed. */
export function createFeeding({ config, log, keys, database, sql }: Ground): Feeding {
  const feedLog = new FeedLogRepository(sql, config.clockOffset);
  const limits = {
    changes: config.feedTailChanges,
    bytes: config.feedTailBytes,
    batch: LOG_BATCH,
    pollMs: config.feedPoll,
  };
  const tail = new LogTail(feedLog, (wake, signal) => database.listen(FEED_CHANNEL, wake, signal), limits, log);
  const cursors = new CursorCodec(
    Buffer.from(hkdfSync("sha256", keys.signing.privateJwk.d, "", "catalog feed cursor", 32)),
  );
  const reading = { changes: config.feedMessageChanges, bytes: config.feedMessageBytes, sharedMs: SHARED_RESET_MS };
  const reader = new FeedReader(tail, feedLog, cursors, reading);
  return { tail, reader, feed: new Feed(reader, tail, config.feedHeartbeat) };
}

/** Wires what serves the feed to sockets. */
export function createHub(
  { config, log }: Ground,
  { reader, tail, feed }: Feeding,
  schema: GraphQLSchema,
  watch: BrokerContext["watch"],
): FeedHub {
  // Events are the same for all, and whoever subscribes was checked: what is executed for a whole group may read everything.
  const contextValue: BrokerContext = {
    viewer: { kind: "OPERATOR" },
    transport: "ws",
    requestId: "feed",
    remoteAddress: "",
    isCatalogPublic: true,
    feed,
    watch,
  };
  const limits = {
    ...FEED_CACHE,
    heartbeatMs: config.feedHeartbeat,
    bufferedBytes: config.feedBuffer,
    stuckMs: config.feedStuck,
  };
  return new FeedHub({ schema, contextValue }, reader, tail, limits, log);
}
