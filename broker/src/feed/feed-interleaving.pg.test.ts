import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { CatalogActions } from "../testing/catalog-actions.js";
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

describe("any interleaving", () => {
  const SEED = Number(process.env["FEED_SEED"] ?? Date.now() % 1_000_000);

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

  it(`of publish, withdraw, removal, compaction, disconnect and resume leaves every replica equal to the table (seed ${SEED})`, async () => {
    const random = randomOf(SEED);
    const processes = [test, await openSecond(test)];
    const brokers = [
      startFeed(test, { read: { changes: 4 }, tail: { changes: 6 } }),
      startFeed(processes[1] ?? test, { read: { changes: 7 } }),
    ];
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const clusters = await Promise.all([actions.member(), actions.member(), actions.member()]);
    const replicas = [new FeedReplica(), new FeedReplica(), new FeedReplica(), new FeedReplica()];
    const following = new Map<FeedReplica, Follower>();
    const steps: Record<string, () => Promise<unknown>> = {
      publish: () =>
        actions.publish(pick(clusters), { offerID: `r${random(6)}`, description: `${random(1_000)}` }, pick(brokers)),
      withdraw: () => actions.withdraw(pick(clusters), `r${random(6)}`),
      remove: () => actions.remove(pick(clusters)),
      readmit: () => admit(broker.members, pick(clusters)),
      compact: () =>
        actions.compact({
          tombstoneMs: random(2) === 0 ? 0 : 1e9,
          withdrawalMs: random(2) === 0 ? 0 : 1e9,
          logLength: 5 + random(20),
        }),
      connect: async () => {
        const replica = pick(replicas);
        if (!following.has(replica))
          following.set(replica, new Follower(pick(brokers), replica.cursor, { into: replica }));
      },
      disconnect: async () => {
        const [replica, follower] = pick([...following]) ?? [];
        if (replica === undefined || follower === undefined) return;
        following.delete(replica);
        await follower.stop();
      },
    };
    const weighted = [
      "publish",
      "publish",
      "publish",
      "publish",
      "withdraw",
      "remove",
      "readmit",
      "compact",
      "connect",
      "connect",
      "disconnect",
    ];
    for (let n = 0; n < 250; n += 1) await steps[pick(weighted)]?.();
    for (const follower of following.values()) await follower.stop();
    await Promise.all(brokers.map(({ tail }) => tail.refresh()));
    const expected = await actions.table();
    for (const replica of replicas) {
      await readUntilSynced(pick(brokers), replica.cursor, { into: replica });
      expect(replica.documents()).toEqual(expected);
    }
    await Promise.all(brokers.map((one) => one.stop()));
    await (processes[1] as { close(): Promise<void> }).close();
  }, 60_000);
});
