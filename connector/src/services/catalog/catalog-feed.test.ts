import { digest } from "@catalog/schema/documents/jws";
import type { Offer } from "@catalog/schema/offer";
import type { OfferFilter } from "@catalog/schema/offer-filter";
import { beforeEach, describe, expect, it } from "vitest";
import { ForeignCluster } from "../../testing/foreign-cluster.js";
import { CatalogFeed, type FeedRequest, type MergedEvent } from "./catalog-feed.js";
import { CatalogService } from "./catalog.service.js";
import { CatalogLog } from "./catalog-log.js";
import { CatalogView } from "./catalog-view.js";
import { ChangeSignals } from "../change-signals.js";

const ALL: FeedRequest = { since: null, filter: null };
const BROKER = {
  brokerID: "B",
  brokerName: "B",
  brokerEndpoint: "https://broker.example",
  descriptor: "",
  tlsSpki: null,
  membership: "ADMITTED",
  isSubscribed: true,
  isDeclared: false,
  registeredAt: 0,
  syncedAt: 0,
} as const;

let turin: ForeignCluster;
let view: CatalogView;
let feed: CatalogFeed;
let stop: AbortController;

beforeEach(async () => {
  turin = await ForeignCluster.create("turin");
  stop = new AbortController();
  const changes = new ChangeSignals(() => undefined);
  view = new CatalogView(
    () => 1_000,
    10,
    () => changes.emit("catalog", ""),
  );
  feed = new CatalogFeed(view, changes, "this-process", 20_000);
  view.load({ brokers: [BROKER], pins: [], documents: [], listings: [] });
  await list("CLUSTER", "");
});

async function list(kind: "CLUSTER" | "OFFER", offerID: string, rev = 1, changes: Partial<Offer> = {}): Promise<void> {
  const { fingerprint, clusterID } = turin;
  const jws = kind === "CLUSTER" ? await turin.descriptor(rev) : await turin.offer(offerID, rev, changes);
  const mark = { fingerprint, digest: await digest(jws), jws };
  const listing = { brokerID: "B", kind, fingerprint, offerID, generation: 1, staleSince: null, pendingJws: null };
  const pin = { ...mark, clusterID, seq: rev, isHolder: true, source: "BROKER", pinnedAt: 0 } as const;
  view.apply(
    kind === "CLUSTER"
      ? { pins: [pin], listings: [listing] }
      : { documents: [{ ...mark, offerID, rev }], listings: [listing] },
  );
}

function unlist(offerID: string): void {
  view.apply({ removals: { brokerID: "B", keys: [{ kind: "OFFER", fingerprint: turin.fingerprint, offerID }] } });
}

/** The next messages, without the wait for a heartbeat. */
async function read(stream: AsyncGenerator<MergedEvent>, count: number): Promise<MergedEvent[]> {
  const events: MergedEvent[] = [];
  while (events.length < count) {
    const { value, done } = await stream.next();
    if (done === true) break;
    events.push(value);
  }
  return events;
}

const typesOf = (events: readonly MergedEvent[]): string[] => events.map(({ type }) => type);
const changesOf = (events: readonly MergedEvent[]): string[] =>
  events.flatMap(({ changes }) => changes.map(({ op, offerID }) => `${op} ${offerID ?? "cluster"}`));
const cursorOf = (events: readonly MergedEvent[]): string => events.at(-1)?.cursor ?? "";

describe("the Catalog as a feed", () => {
  it("begins with everything, then tells each change", async () => {
    await list("OFFER", "a");
    const stream = await feed.open(ALL, stop.signal);
    const begin = await read(stream, 3);
    expect([typesOf(begin), changesOf(begin)]).toEqual([
      ["RESET", "ITEMS", "SYNCED"],
      ["UPSERT cluster", "UPSERT a"],
    ]);
    const next = read(stream, 2);
    await list("OFFER", "b");
    unlist("a");
    expect(changesOf(await next)).toEqual(["UPSERT b", "REMOVE a"]);
  });

  it("goes on from a cursor with what has changed since, and nothing else", async () => {
    await list("OFFER", "a");
    const cursor = cursorOf(await read(await feed.open(ALL, stop.signal), 3));
    await list("OFFER", "b");
    const events = await read(await feed.open({ ...ALL, since: cursor }, stop.signal), 2);
    expect([typesOf(events), changesOf(events)]).toEqual([["SYNCED", "ITEMS"], ["UPSERT b"]]);
  });

  it("goes on from a page of the same filter; one that asks for nothing is as good as none", async () => {
    await list("OFFER", "a", 1, { offerType: "gpu" });
    const catalogs = new CatalogService(view, feed);
    const cursorFor = async (filter: OfferFilter): Promise<string> =>
      (await catalogs.offers({ filter, orderBy: "NAME_ASC", first: 1, after: null })).feedCursor;
    const [since, ofEverything] = [await cursorFor({ offerType: "gpu" }), await cursorFor({})];
    await list("OFFER", "b", 1, { offerType: "gpu" });
    for (const request of [
      { since, filter: { offerType: "gpu" } },
      { since: ofEverything, filter: null },
      { since: ofEverything, filter: {} },
    ]) {
      const events = await read(await feed.open(request, stop.signal), 2);
      expect([typesOf(events), changesOf(events)]).toEqual([["SYNCED", "ITEMS"], ["UPSERT b"]]);
    }
    expect(typesOf(await read(await feed.open({ since, filter: null }, stop.signal), 1))).toEqual(["RESET"]);
  });

  it("begins anew for a cursor of another process or filter, for one that is too old, and for no cursor at all", async () => {
    const cursor = cursorOf(await read(await feed.open(ALL, stop.signal), 3));
    const restarted = new CatalogFeed(view, new ChangeSignals(() => undefined), "another-process", 20_000);
    const first = async (request: FeedRequest, from = feed) =>
      typesOf(await read(await from.open(request, stop.signal), 1));
    expect(await first({ ...ALL, since: cursor }, restarted)).toEqual(["RESET"]);
    expect(await first({ since: cursor, filter: { text: "x" } })).toEqual(["RESET"]);
    expect(await first({ ...ALL, since: "no cursor at all" })).toEqual(["RESET"]);
    expect(await first({ ...ALL, since: cursor })).toEqual(["SYNCED"]);
    for (let rev = 1; rev <= 25; rev += 1) await list("OFFER", "busy", rev);
    expect(await first({ ...ALL, since: cursor })).toEqual(["RESET"]);
  });

  it("begins anew for a reader that falls too far behind while it reads", async () => {
    const stream = await feed.open(ALL, stop.signal);
    await read(stream, 3);
    for (let rev = 1; rev <= 25; rev += 1) await list("OFFER", "busy", rev);
    const events = await read(stream, 3);
    expect([typesOf(events), changesOf(events)]).toEqual([
      ["RESET", "ITEMS", "SYNCED"],
      ["UPSERT cluster", "UPSERT busy"],
    ]);
  });

  it("tells a filter's reader of what begins and stops to fit, and of nothing else", async () => {
    await list("OFFER", "a", 1, { offerType: "gpu" });
    await list("OFFER", "b");
    const stream = await feed.open({ since: null, filter: { offerType: "gpu" } }, stop.signal);
    expect(changesOf(await read(stream, 3))).toEqual(["UPSERT cluster", "UPSERT a"]);
    const next = read(stream, 2);
    await list("OFFER", "c");
    await list("OFFER", "b", 2, { offerType: "gpu" });
    await list("OFFER", "a", 2, { offerType: "disk" });
    expect(changesOf(await next)).toEqual(["UPSERT b", "REMOVE a"]);
  });

  it("sends a heartbeat when nothing changes, and ends when it is told to", async () => {
    const quick = new CatalogFeed(view, new ChangeSignals(() => undefined), "this-process", 5);
    const stream = await quick.open(ALL, stop.signal);
    expect(typesOf(await read(stream, 4)).at(-1)).toBe("HEARTBEAT");
    stop.abort();
    expect(await read(stream, 1)).toEqual([]);
  });

  it("refuses a filter that makes no sense before the first message", async () => {
    await expect(feed.open({ since: null, filter: { currency: "NOPE" } }, stop.signal)).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  it("waits for what is stored to be read", async () => {
    const empty = new CatalogView(
      () => 0,
      10,
      () => undefined,
    );
    const early = new CatalogFeed(empty, new ChangeSignals(() => undefined), "e", 5);
    await expect(early.open(ALL, stop.signal)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("the log of the Catalog", () => {
  it("has no gaps and forgets only what is old", () => {
    const log = new CatalogLog(10);
    for (let at = 0; at < 100; at += 1) log.append(null, null);
    expect(log.since(97)?.map(({ revision }) => revision)).toEqual([98, 99, 100]);
    expect([log.since(100), log.since(101), log.since(0)]).toEqual([[], undefined, undefined]);
    expect(log.since(90)?.length).toBe(10);
  });
});
