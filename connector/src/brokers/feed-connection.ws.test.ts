import type { FeedEvent } from "@catalog/schema/feed";
import { systemClock } from "@catalog/server/clock";
import { MachineClient } from "@catalog/server/outgoing/machine-client";
import { SafeFetch } from "@catalog/server/outgoing/safe-fetch";
import { waitFor } from "@catalog/server/testing/wait-for";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTls } from "@catalog/server/tls/tls-material";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForeignCluster } from "../testing/foreign-cluster.js";
import { items, signal } from "../testing/replica-fixture.js";
import { TestBroker } from "../testing/test-broker.js";
import { FeedConnection } from "./feed-connection.js";
import { FeedTargets } from "./feed-target.js";

const TIMINGS = { silenceMs: 20_000, connectMs: 20_000 };
let member: ForeignCluster;
let broker: TestBroker;
let targets: FeedTargets;
const ending = new Set<AbortController>();

beforeEach(async () => {
  [member, broker] = await Promise.all([ForeignCluster.create("member"), TestBroker.start()]);
  targets = targetsOf(member);
});

afterEach(async () => {
  for (const one of ending) one.abort();
  ending.clear();
  await broker.stop();
});

function targetsOf(cluster: ForeignCluster): FeedTargets {
  const safeFetch = new SafeFetch({ allowHttp: true, allowCidrs: [], denyCidrs: [] });
  const client = new MachineClient(cluster.signer, safeFetch, systemClock(), () => cluster.descriptor(1));
  return new FeedTargets(safeFetch.guard, client, () => cluster.descriptor(1));
}

interface Following {
  readonly done: Promise<Error | undefined>;
  readonly received: FeedEvent[];
  readonly malformed: number[];
  connections: number;
  readonly stop: AbortController;
}

/** Connects and collects; `apply` stands for what a message does. */
async function follow(
  apply: (event: FeedEvent) => Promise<void> = async () => undefined,
  timings = TIMINGS,
  tlsSpki: string | null = null,
): Promise<Following> {
  const stop = new AbortController();
  ending.add(stop);
  const target = await targets.to({ brokerID: broker.fingerprint, brokerEndpoint: broker.url, tlsSpki }, "the-cursor");
  const state = { received: [] as FeedEvent[], malformed: [] as number[], connections: 0 };
  const connection = new FeedConnection(target, timings, {
    connected: () => void (state.connections += 1),
    message: async ({ event, malformed }) => {
      state.malformed.push(malformed);
      await apply(event);
      state.received.push(event);
    },
  });
  const done = connection.run(stop.signal).then(
    () => undefined,
    (error: Error) => error,
  );
  return Object.assign(state, { done, stop });
}

const subscribed = () => waitFor(() => broker.subscribers === 1);

describe("a connection to a Broker's feed", () => {
  it("proves who it is, continues from its cursor and hands over messages in order", async () => {
    const following = await follow();
    await subscribed();
    expect([...broker.sessions].map(({ viewer }) => viewer)).toEqual([member.fingerprint]);
    const sent = [
      signal("RESET", "c0"),
      items("c1", await member.cluster(1)),
      signal("SYNCED", "c1"),
      signal("HEARTBEAT", "c2"),
    ];
    broker.send(...sent);
    await waitFor(() => following.received.length === sent.length);
    expect([following.received, broker.cursors, following.connections]).toEqual([sent, ["the-cursor"], 1]);
  });

  it("applies one message after the other, and none after one that failed", async () => {
    let running = 0;
    let most = 0;
    const following = await follow(async ({ cursor }) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (cursor === "c3") throw new Error("the database is away");
    });
    await subscribed();
    broker.send(...["c1", "c2", "c3", "c4", "c5"].map((cursor) => items(cursor)));
    expect(await following.done).toMatchObject({ message: "the database is away" });
    expect([following.received.map(({ cursor }) => cursor), most]).toEqual([["c1", "c2"], 1]);
  });

  it("loses nothing when it cannot keep up for a while", async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const following = await follow(() => gate);
    await subscribed();
    for (let at = 0; at < 200; at += 1) broker.send(items(`c${at}`));
    open();
    await waitFor(() => following.received.length === 200);
    expect(following.received.at(-1)?.cursor).toBe("c199");
  });

  it("ends when it is told to, without an error", async () => {
    const following = await follow();
    await subscribed();
    following.stop.abort();
    expect(await following.done).toBeUndefined();
    await waitFor(() => broker.sessions.size === 0);
  });

  it("ends when the Broker is silent", async () => {
    const following = await follow(undefined, { ...TIMINGS, silenceMs: 150 });
    expect(await following.done).toMatchObject({ message: expect.stringContaining("silent") });
    await waitFor(() => broker.sessions.size === 0);
  });

  it("ends when the Broker closes, and says with which code", async () => {
    const following = await follow();
    await subscribed();
    for (const session of broker.sessions) session.close(4403, "MEMBER_REVOKED: no longer wanted");
    expect(await following.done).toMatchObject({ code: "MEMBER_REVOKED", message: "no longer wanted" });
  });

  it("says why it was not let in", async () => {
    broker.refusal = "MEMBER_PENDING";
    expect(await (await follow()).done).toMatchObject({ code: "MEMBER_PENDING" });
  });

  it("says when nobody listens", async () => {
    await broker.stop();
    expect(await (await follow()).done).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
  });

  it("leaves out changes that have another shape, and ends for what is no message", async () => {
    const following = await follow();
    await subscribed();
    const good = await member.cluster(1);
    const odd = [
      { ...good, fingerprint: "short" },
      { ...good, kind: "OFFER" as const, offerID: "line\nbreak" },
      { ...good, staleSince: -1 },
      { ...good, op: "EXPLODE" as "UPSERT" },
      { ...good, offerID: "x" },
    ];
    broker.send(items("c1", good, ...odd));
    await waitFor(() => following.received.length === 1);
    expect([following.received[0]?.changes, following.malformed]).toEqual([[good], [5]]);
    broker.send({ ...items("c2"), type: "NOVELTY" as "ITEMS" });
    expect(await following.done).toMatchObject({
      message: expect.stringContaining("not a message of the catalog feed"),
    });
  });
});

describe("over TLS", () => {
  it("connects to the pinned key only", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "catalog-tls-"));
    try {
      const tls = await loadTls({ mode: "self-signed", dataDir, names: ["localhost"] }, new Date());
      await broker.stop();
      broker = await TestBroker.start(tls);
      const good = await follow(undefined, TIMINGS, tls?.spki ?? "");
      await subscribed();
      good.stop.abort();
      const bad = await follow(undefined, TIMINGS, "A".repeat(43));
      expect(await bad.done).toMatchObject({ message: expect.stringContaining("pinned") });
      const unpinned = await follow();
      expect(await unpinned.done).toMatchObject({ message: expect.stringMatching(/self.signed/i) });
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

describe("a Broker that is somebody else", () => {
  it("gets a proof that it cannot use", async () => {
    const other = await ForeignCluster.create("other");
    const target = await targets.to({ brokerID: other.fingerprint, brokerEndpoint: broker.url, tlsSpki: null }, null);
    const connection = new FeedConnection(target, TIMINGS, {
      connected: () => undefined,
      message: async () => undefined,
    });
    await expect(connection.run(new AbortController().signal)).rejects.toMatchObject({
      code: "PROOF_AUDIENCE_MISMATCH",
    });
  });
});
