import type { OfferFilter } from "@catalog/schema/offer-filter";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { CatalogActions } from "../testing/catalog-actions.js";
import type { ClusterFixture } from "../testing/cluster-fixture.js";
import { startFeed, type FeedFixture } from "../testing/feed-fixture.js";
import { countOf, Follower, isSynced, readUntilSynced } from "../testing/feed-follower.js";
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

const offersOf = (replica: FeedReplica, cluster: ClusterFixture): readonly string[] =>
  [...replica.items.keys()]
    .filter((key) => key.startsWith(`${cluster.fingerprint} `) && !key.endsWith(" "))
    .map((key) => key.split(" ")[1] ?? "");

const member = () => actions.member();
const publish = (cluster: ClusterFixture, offer: Parameters<ClusterFixture["offer"]>[0]) =>
  actions.publish(cluster, offer);
const withdraw = (cluster: ClusterFixture, offerID: string) => actions.withdraw(cluster, offerID);
const table = () => actions.table();

describe("a reader", () => {
  it("is told RESET, everything, SYNCED, and then every change", async () => {
    const cluster = await member();
    const first = await publish(cluster, { offerID: "a" });
    const follower = new Follower(broker, null);
    const replica = await follower.until(isSynced);
    expect(replica.types()[0]).toBe("RESET");
    expect(replica.documents()).toEqual(await table());
    expect(replica.items.get(`${cluster.fingerprint} a`)?.jws).toBe(first);
    const second = await publish(cluster, { offerID: "a", description: "other" });
    await follower.until(({ items }) => items.get(`${cluster.fingerprint} a`)?.jws === second);
    await withdraw(cluster, "a");
    await follower.until(({ items }) => !items.has(`${cluster.fingerprint} a`));
    const last = follower.replica.events.at(-1)?.changes.at(-1);
    expect(last).toMatchObject({ op: "REMOVE", kind: "OFFER", offerID: "a", jws: expect.stringContaining(".") });
    await follower.stop();
  });

  it("gets chunks of a snapshot, and goes on from any cursor of it to the same state", async () => {
    const cluster = await member();
    for (let n = 0; n < 9; n += 1) await publish(cluster, { offerID: `chunk${n}` });
    const small = startFeed(test, { read: { changes: 3 }, tail: { changes: 2 } });
    const whole = await readUntilSynced(small, null);
    expect(whole.events.filter(({ type }) => type === "ITEMS").length).toBeGreaterThan(3);
    expect(whole.documents()).toEqual(await table());
    await withdraw(cluster, "chunk2");
    await publish(cluster, { offerID: "chunk5", description: "changed" });
    for (const [n, event] of whole.events.entries()) {
      const begun = new FeedReplica();
      for (const seen of whole.events.slice(0, n + 1)) begun.apply(seen);
      const resumed = await readUntilSynced(n % 2 === 0 ? small : broker, event.cursor, { into: begun });
      expect(resumed.documents()).toEqual(await table());
      expect(resumed.types().filter((type) => type === "RESET")).toHaveLength(1);
    }
    await small.stop();
  });

  it("is refused a cursor that was changed or made by another Broker, and begins anew with another filter's", async () => {
    const { cursor } = await readUntilSynced(broker, null);
    const other = startFeed(test, { key: Buffer.alloc(32, 7) });
    await expect(
      other.feed.subscribe({ since: cursor, filter: null })[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    await other.stop();
    for (let at = 0; at < (cursor ?? "").length; at += 7) {
      const changed = `${cursor?.slice(0, at)}${cursor?.[at] === "A" ? "B" : "A"}${cursor?.slice(at + 1)}`;
      await expect(broker.feed.subscribe({ since: changed, filter: null }).next()).rejects.toMatchObject({
        code: "CURSOR_INVALID",
      });
    }
    const filtered = await readUntilSynced(broker, cursor, { filter: { offerType: "gpu" } });
    expect(filtered.types()[0]).toBe("RESET");
    const same = await readUntilSynced(broker, cursor);
    expect(same.types()).toEqual(["SYNCED"]);
  });

  it("hears a heartbeat with a cursor when nothing changes", async () => {
    const quick = startFeed(test, { heartbeatMs: 20 });
    const follower = new Follower(quick, null);
    await follower.until((replica) => countOf(replica, "HEARTBEAT") >= 2);
    const { cursor } = await follower.stop();
    expect((await readUntilSynced(broker, cursor)).types()).toEqual(["SYNCED"]);
    await quick.stop();
  });
});

describe("a filter", () => {
  it("shows what matches, removes what stops matching, and is silent about the rest", async () => {
    const cluster = await member();
    await publish(cluster, { offerID: "in", offerType: "gpu" });
    await publish(cluster, { offerID: "out", offerType: "cpu" });
    const follower = new Follower(broker, null, { filter: { offerType: "gpu", clusterIDs: [cluster.clusterID] } });
    const replica = await follower.until(isSynced);
    expect(offersOf(replica, cluster)).toEqual(["in"]);
    const before = replica.events.length;
    await publish(cluster, { offerID: "out", offerType: "cpu", description: "still out" });
    await withdraw(cluster, "out");
    await publish(cluster, { offerID: "in", offerType: "cpu" });
    await follower.until((now) => offersOf(now, cluster).length === 0);
    const told = replica.events
      .slice(before)
      .flatMap(({ changes }) => changes.map(({ op, offerID, jws }) => [op, offerID, jws]));
    expect(told).toEqual([["REMOVE", "in", null]]);
    await publish(cluster, { offerID: "in", offerType: "gpu" });
    await follower.until((now) => offersOf(now, cluster).length === 1);
    await follower.stop();
  });

  it("removes on resume what stopped matching meanwhile, from the tail and from the table", async () => {
    const cluster = await member();
    const filter = { labels: { region: "north" }, clusterIDs: [cluster.clusterID] };
    await publish(cluster, { offerID: "one", labels: { region: "north" } });
    await publish(cluster, { offerID: "two", labels: { region: "north" } });
    const begun = await readUntilSynced(broker, null, { filter });
    expect(offersOf(begun, cluster)).toEqual(["one", "two"]);
    await publish(cluster, { offerID: "one", labels: { region: "south" } });
    const { cursor } = begun;
    const fresh = startFeed(test, { tail: { changes: 2 } });
    for (const on of [broker, fresh]) {
      const copy = new FeedReplica();
      for (const event of begun.events) copy.apply(event);
      const resumed = await readUntilSynced(on, cursor, { filter, into: copy });
      expect(offersOf(resumed, cluster)).toEqual(["two"]);
    }
    await fresh.stop();
  });

  it("that is not valid is refused with every problem", async () => {
    const filter = { currency: "XXL", clusterIDs: 5 } as unknown as OfferFilter;
    await expect(broker.feed.subscribe({ since: null, filter }).next()).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });
});

describe("compaction", () => {
  it("keeps removals for those who may still ask, and resets the others", async () => {
    const cluster = await member();
    await publish(cluster, { offerID: "gone" });
    const old = await readUntilSynced(broker, null);
    await actions.remove(cluster);
    const resumed = new FeedReplica();
    for (const event of old.events) resumed.apply(event);
    expect(
      (await readUntilSynced(broker, old.cursor, { into: resumed })).types().filter((type) => type === "RESET"),
    ).toHaveLength(1);
    expect(offersOf(resumed, cluster)).toEqual([]);
    await actions.compact({ tombstoneMs: 0 });
    const late = new FeedReplica();
    for (const event of old.events) late.apply(event);
    await broker.tail.refresh();
    const replica = await readUntilSynced(broker, old.cursor, { into: late });
    expect(replica.types().filter((type) => type === "RESET")).toHaveLength(2);
    expect(replica.documents()).toEqual(await table());
    const present = await readUntilSynced(broker, replica.cursor);
    expect(present.types()).toEqual(["SYNCED"]);
  });

  it("folds the numbers of what is long gone into a floor that still refuses old documents", async () => {
    const cluster = await member();
    await publish(cluster, { offerID: "kept" });
    const jws = await publish(cluster, { offerID: "folded" });
    await withdraw(cluster, "folded");
    await actions.compact({ tombstoneMs: 0 }); // the horizon never reaches the newest change
    await publish(cluster, { offerID: "kept" });
    await actions.compact({ tombstoneMs: 0, withdrawalMs: 0 });
    expect(
      await test.sql.query("SELECT 1 FROM catalog_items WHERE fingerprint = $1 AND offer_id = 'folded'", [
        cluster.fingerprint,
      ]),
    ).toEqual([]);
    const { results } = await broker.publishing.publish(cluster, [jws]);
    expect(results).toMatchObject([{ accepted: false, code: "DOCUMENT_OUTDATED", higher: expect.any(String) }]);
  });

  it("bounds the length of the log", async () => {
    const cluster = await member();
    for (let n = 0; n < 6; n += 1) await publish(cluster, { offerID: "again", description: `${n}` });
    await actions.compact({ logLength: 3 });
    const [row] = await test.sql.query<{ lines: string }>("SELECT count(*) AS lines FROM change_log");
    expect(Number(row?.lines)).toBeLessThanOrEqual(4);
    expect((await readUntilSynced(broker, null)).documents()).toEqual(await table());
  });
});

describe("the epoch", () => {
  it("changes by the operator's wish: everybody is reset, and older proofs are refused for two minutes", async () => {
    const follower = new Follower(broker, null);
    await follower.until(isSynced);
    const epoch = await broker.tail.begin();
    expect(broker.feed.head()?.epoch).toBe(epoch);
    await follower.until((replica) => countOf(replica, "SYNCED") === 2);
    const replica = await follower.stop();
    expect(replica.documents()).toEqual(await table());
    const began = broker.feed.head()?.epochBegan ?? 0;
    expect(broker.feed.refusesProof(began - 1, began + 119)).toBe(true);
    expect(broker.feed.refusesProof(began, began + 1)).toBe(false);
    expect(broker.feed.refusesProof(began - 1, began + 120)).toBe(false);
  });

  it("changes when the database turns out to be another, or a copy", async () => {
    const before = (await broker.log.head()).epoch;
    expect((await broker.log.head()).epoch).toBe(before);
    await test.sql.query("UPDATE feed_head SET database_identity = 'elsewhere'");
    const heads = await Promise.all([broker.log.head(), broker.log.head(), broker.log.head()]);
    expect(new Set(heads.map(({ epoch }) => epoch)).size).toBe(1);
    expect(heads[0]?.epoch).not.toBe(before);
  });

  it("changes for a running process whose log was set back, and its readers end up with the table", async () => {
    const cluster = await member();
    await publish(cluster, { offerID: "past" });
    const follower = new Follower(broker, null);
    await follower.until(isSynced);
    const { epoch, revision } = await broker.log.head();
    await publish(cluster, { offerID: "lost" });
    await follower.until((replica) => offersOf(replica, cluster).includes("lost"));
    await setBack(revision);
    await follower.until((replica) => !offersOf(replica, cluster).includes("lost"));
    expect((await broker.log.head()).epoch).not.toBe(epoch);
    expect((await follower.stop()).documents()).toEqual(await table());
  });

  it("changes when a cursor's mark shows another past, though the process itself never saw it", async () => {
    const cluster = await member();
    await publish(cluster, { offerID: "common" });
    const { revision } = await broker.log.head();
    await publish(cluster, { offerID: "lost" });
    const seen = await readUntilSynced(broker, null);
    const { epoch } = await broker.log.head();
    await broker.stop();
    await setBack(revision);
    broker = startFeed(test);
    await publish(cluster, { offerID: "other" });
    const resumed = await readUntilSynced(broker, seen.cursor, { into: seen });
    expect(resumed.types().filter((type) => type === "RESET")).toHaveLength(2);
    expect((await broker.log.head()).epoch).not.toBe(epoch);
    expect(resumed.documents()).toEqual(await table());
  });

  /** As if the volume had been restored to the moment of that revision. */
  async function setBack(revision: number): Promise<void> {
    await test.sql.transaction(async (tx) => {
      await tx.query("DELETE FROM change_log WHERE revision > $1", [revision]);
      await tx.query("DELETE FROM catalog_items WHERE revision > $1", [revision]);
      await tx.query("UPDATE feed_head SET revision = $1", [revision]);
    });
  }
});
