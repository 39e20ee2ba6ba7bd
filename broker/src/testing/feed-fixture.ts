import { randomBytes } from "node:crypto";

import { digest } from "@catalog/schema/documents/jws";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { silentLog } from "@catalog/server/log";
import { TaskGroup } from "@catalog/server/tasks";

import { FEED_SETTINGS } from "./feed-settings.js";
import { CursorCodec } from "../feed/cursor-codec.js";
import { Feed } from "../feed/feed.js";
import { FeedReader, type ReadLimits } from "../feed/feed-reader.js";
import { LogTail, type TailLimits } from "../feed/log-tail.js";
import { PublishService } from "../services/publish.service.js";
import { VerifiedDescriptors } from "../services/member-descriptors.js";
import { FEED_CHANNEL } from "../storage/feed-sql.js";
import { FeedLogRepository } from "../storage/feed-log.repository.js";
import { PostgresMemberStorage } from "../storage/member-storage.js";
import { WriteLane } from "../storage/write-lane.js";
import { openDatabase } from "@catalog/server/database/open-database";
import { BROKER_MIGRATIONS } from "../storage/migrations.js";
import { asTransactional } from "../storage/queryable.js";
import { TEST_LIMITS, type BrokerTestDatabase } from "./broker-database.js";
import type { ClusterFixture } from "./cluster-fixture.js";

/** One Broker process's view of the feed, on a database that others may use too. */
export interface FeedFixture {
  readonly log: FeedLogRepository;
  readonly tail: LogTail;
  readonly reader: FeedReader;
  readonly feed: Feed;
  readonly lane: WriteLane;
  readonly publishing: PublishService;
  readonly members: PostgresMemberStorage;
  stop(): Promise<void>;
}

export interface FeedFixtureOptions {
  readonly tail?: Partial<TailLimits>;
  readonly read?: Partial<ReadLimits>;
  readonly key?: Buffer;
  readonly heartbeatMs?: number;
}

const KEY = randomBytes(32);

/** Starts the feed of a process that shares `test` with others. */
export function startFeed(
  test: Pick<BrokerTestDatabase, "database" | "sql">,
  options: FeedFixtureOptions = {},
): FeedFixture {
  const { database, sql } = test;
  const log = new FeedLogRepository(sql, 0);
  const tail = new LogTail(
    log,
    (onWake, signal) => database.listen(FEED_CHANNEL, onWake, signal),
    { ...FEED_SETTINGS.tail, ...options.tail },
    silentLog(),
  );
  const reader = new FeedReader(tail, log, new CursorCodec(options.key ?? KEY), {
    ...FEED_SETTINGS.read,
    ...options.read,
  });
  const lane = new WriteLane(database, FEED_SETTINGS.lane, silentLog(), (revision) => tail.expect(revision));
  const members = new PostgresMemberStorage(sql, TEST_LIMITS);
  const limits = { documents: 1_000, rate: { burst: 100_000, perSecond: 100_000 } };
  const publishing = new PublishService(new VerifiedDescriptors(members.read.members), lane, limits, () => new Date());
  const tasks = new TaskGroup(silentLog());
  tasks.start(tail);
  return {
    log,
    tail,
    reader,
    feed: new Feed(reader, tail, options.heartbeatMs ?? 15_000),
    lane,
    publishing,
    members,
    stop: () => tasks.stop(),
  };
}

/** Opens a second process on the database of `test`. */
export async function openSecond(
  test: BrokerTestDatabase,
): Promise<Pick<BrokerTestDatabase, "database" | "sql"> & { close(): Promise<void> }> {
  const options = { dataDir: "", name: "broker-test", entities: [], production: false, log: silentLog() };
  const database = await openDatabase({ ...options, url: test.url, migrations: BROKER_MIGRATIONS });
  return { database, sql: asTransactional(database), close: () => database.close() };
}

/** Makes a cluster a member, with its CLUSTER item. */
export async function admit(members: PostgresMemberStorage, cluster: ClusterFixture): Promise<void> {
  const { clusterID, clusterName, clusterPrettyName, seq } = await verifyDescriptor(cluster.descriptor);
  await members.transact(async (work) => {
    const member = {
      fingerprint: cluster.fingerprint,
      clusterID,
      clusterName,
      clusterPrettyName,
      status: "ADMITTED" as const,
      descriptor: cluster.descriptor,
      seq,
      requestedAt: 1,
      admittedAt: 1,
      endedAt: null,
    };
    await work.members.save(member);
    await work.items.upsertCluster(member);
  });
}

/** Digest of a document, as an announcement names it. */
export const digestOf = (jws: string): Promise<string> => digest(jws);
