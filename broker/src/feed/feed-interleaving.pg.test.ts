import { afterAll, beforeAll, expect, it } from "vitest";

import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { CatalogActions } from "../testing/catalog-actions.js";
import type { ClusterFixture } from "../testing/cluster-fixture.js";
import { admit, openSecond, startFeed, type FeedFixture } from "../testing/feed-fixture.js";
import { Follower, readUntilSynced } from "../testing/feed-follower.js";
import { FeedReplica } from "../testing/feed-replica.js";

let test: BrokerTestDatabase;
let broker: FeedFixture;
let actions: CatalogActions;

beforeAll(async () => {
  test = await openBrokerDatabase();
  broker = startFeed(test);
  actions = new CatalogActions(test.sql, () => broker);
});

afterAll(async () => {
  await broker.stop();
  await test.close();
});

const SEED = Number(process.env["FEED_SEED"] ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env["FEED_ROUNDS"] ?? 1);

/** Small and reproducible: mulberry32. */
function randomOf(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * n);
  };
}

/** Two processes, three clusters, four replicas, and everything that may happen to them. */
class World {
  private readonly replicas = [new FeedReplica(), new FeedReplica(), new FeedReplica(), new FeedReplica()];
  private readonly following = new Map<FeedReplica, Follower>();
  private readonly brokers: FeedFixture[];

  constructor(
    private readonly databases: readonly Pick<BrokerTestDatabase, "database" | "sql">[],
    private readonly clusters: readonly ClusterFixture[],
    private readonly random: (n: number) => number,
  ) {
    this.brokers = databases.map((_, n) => this.start(n));
  }

  /** One thing that happens. */
  step(): Promise<unknown> {
    const [cluster, offerID] = [this.pick(this.clusters), `r${this.random(6)}`];
    const steps = [
      () => this.publish(cluster, offerID),
      () => this.publish(cluster, offerID),
      () => this.publish(cluster, offerID),
      () => this.publish(cluster, offerID),
      () => actions.withdraw(cluster, offerID).catch(unlessOvertaken),
      () => actions.remove(cluster),
      () => admit(broker.members, cluster),
      () =>
        actions.compact({
          tombstoneMs: this.coin(0, 1e9),
          withdrawalMs: this.coin(0, 1e9),
          logLength: 5 + this.random(20),
        }),
      () => this.connect(),
      () => this.connect(),
      () => this.disconnect(),
      () => (this.random(5) === 0 ? this.restart() : this.connect()),
    ];
    return this.pick(steps)();
  }

  /** Everybody resumes and must have what the table has. */
  async settle(): Promise<void> {
    for (const follower of this.following.values()) await follower.stop();
    const expected = await actions.table();
    for (const replica of this.replicas) {
      const on = this.pick(this.brokers);
      await on.tail.refresh();
      await readUntilSynced(on, replica.cursor, { into: replica });
      expect(replica.documents()).toEqual(expected);
    }
    for (const one of this.brokers) await one.stop();
  }

  private publish(cluster: ClusterFixture, offerID: string): Promise<unknown> {
    const description = `${this.random(1_000)}`;
    return actions.publish(cluster, { offerID, description }, this.pick(this.brokers)).catch(unlessOvertaken);
  }

  private async connect(): Promise<void> {
    const replica = this.pick(this.replicas);
    if (this.following.has(replica)) return;
    this.following.set(replica, new Follower(this.pick(this.brokers), replica.cursor, { into: replica }));
  }

  private async disconnect(): Promise<void> {
    if (this.following.size === 0) return;
    const [replica, follower] = this.pick([...this.following]);
    await follower.stop();
    this.following.delete(replica);
  }

  /** A process is replaced by a new one; who followed it hears nothing more. */
  private async restart(): Promise<void> {
    const n = this.random(this.brokers.length);
    await this.brokers[n]?.stop();
    this.brokers[n] = this.start(n);
  }

  private start(n: number): FeedFixture {
    const database = this.databases[n] ?? test;
    return startFeed(database, { read: { changes: 4 + 3 * n }, tail: { changes: 6 + 60 * n } });
  }

  private coin<T>(heads: T, tails: T): T {
    return this.random(2) === 0 ? heads : tails;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }
}

/** Of two documents of one offer that are under way together, the younger may arrive first. */
function unlessOvertaken(error: unknown): void {
  if (!(error instanceof Error && error.message.includes("DOCUMENT_OUTDATED"))) throw error;
}

it.each(Array.from({ length: ROUNDS }, (_, n) => SEED + n))(
  "any interleaving of publish, withdraw, removal, compaction, disconnect, restart and resume leaves every replica equal to the table (seed %i)",
  async (seed) => {
    const second = await openSecond(test);
    const clusters = [await actions.member(), await actions.member(), await actions.member()];
    const world = new World([test, second], clusters, randomOf(seed));
    for (let n = 0; n < 100; n += 1) await Promise.all([world.step(), world.step(), world.step()]);
    await world.settle();
    await second.close();
  },
  60_000,
);
