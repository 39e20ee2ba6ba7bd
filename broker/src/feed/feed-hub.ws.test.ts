import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { randomBytes } from "node:crypto";

import type { FeedEvent } from "@catalog/schema/feed";
import { CATALOG_SUBSCRIPTION } from "@catalog/schema/feed";
import { createGraphqlListener } from "@catalog/server/graphql/graphql-listener";
import type { GraphqlListener, RequestContext } from "@catalog/server/graphql/listener-options";
import { silentLog } from "@catalog/server/log";
import { TaskGroup } from "@catalog/server/tasks";
import { waitFor } from "@catalog/server/testing/wait-for";
import { createClient, type Client } from "graphql-ws";
import type { GraphQLSchema } from "graphql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";

import type { Viewer } from "../domain/viewer.js";
import { buildBrokerSchema } from "../graphql/build-schema.js";
import type { BrokerContext } from "../graphql/context.js";
import { ClusterResolver, OfferResolver } from "../graphql/resolvers/catalog.resolver.js";
import { FeedResolver } from "../graphql/resolvers/feed.resolver.js";
import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { createCluster, type ClusterFixture } from "../testing/cluster-fixture.js";
import { admit, startFeed, type FeedFixture, type FeedFixtureOptions } from "../testing/feed-fixture.js";
import { FeedReplica } from "../testing/feed-replica.js";
import { FEED_SETTINGS } from "../testing/feed-settings.js";
import { FeedHub, type HubLimits } from "./feed-hub.js";

const OPERATOR: Viewer = { kind: "OPERATOR" };
let test: BrokerTestDatabase;
let schema: GraphQLSchema;
let rev = Date.now() + 60_000;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  test = await openBrokerDatabase();
  schema = await buildBrokerSchema(
    new Map<unknown, object>([
      [FeedResolver, new FeedResolver()],
      [ClusterResolver, new ClusterResolver()],
      [OfferResolver, new OfferResolver(undefined as never)], // only reads what it is given
    ]),
  );
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

afterAll(() => test.close());

interface Server {
  readonly broker: FeedFixture;
  readonly hub: FeedHub;
  readonly listener: GraphqlListener;
  readonly port: number;
  /** Executions of the subscription's resolver so far. */
  executions(): number;
}

const noConsole = (): never => {
  throw new TypeError("nobody looks at the console here");
};
const NO_CONSOLE: BrokerContext["watch"] = {
  members: noConsole,
  figures: noConsole,
  joinStrings: noConsole,
  readTokens: noConsole,
};

async function start(limits: Partial<HubLimits> = {}, options: FeedFixtureOptions = {}): Promise<Server> {
  const broker = startFeed(test, options);
  let executions = 0;
  const context = (request: RequestContext<Viewer>): BrokerContext => ({
    ...request,
    isCatalogPublic: false,
    feed: broker.feed,
    watch: NO_CONSOLE,
  });
  const contextValue = {
    get viewer() {
      executions += 1;
      return OPERATOR;
    },
    transport: "ws",
  };
  const hub = new FeedHub(
    { schema, contextValue },
    broker.reader,
    broker.tail,
    { ...FEED_SETTINGS.hub, ...limits },
    silentLog(),
  );
  const listener = createGraphqlListener<Viewer, BrokerContext>({
    schema,
    host: "127.0.0.1",
    port: 0,
    log: silentLog(),
    authenticate: async () => OPERATOR,
    context,
    subscriptionHooks: { takeOver: (offered) => hub.takeOver(offered) },
  });
  const tasks = new TaskGroup(silentLog());
  tasks.start(hub);
  const { port } = await listener.listen();
  ends.push(async () => {
    await listener.close(100);
    await tasks.stop();
    await broker.stop();
  });
  return { broker, hub, listener, port, executions: () => executions };
}

async function member(broker: FeedFixture): Promise<ClusterFixture> {
  const cluster = await createCluster();
  await admit(broker.members, cluster);
  return cluster;
}

async function publish(
  broker: FeedFixture,
  cluster: ClusterFixture,
  offer: Parameters<ClusterFixture["offer"]>[0],
  count = 1,
): Promise<string> {
  const documents = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      cluster.offer({ ...offer, ...(count > 1 ? { offerID: `${offer.offerID}-${n}` } : {}) }, { rev: ++rev }),
    ),
  );
  const { results } = await broker.publishing.publish(cluster, documents);
  expect(results.every(({ accepted }) => accepted)).toBe(true);
  return documents[0] ?? "";
}

function clientOf({ port }: Server): Client {
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  ends.push(() => client.dispose());
  return client;
}

interface Following<T> {
  readonly values: T[];
  readonly errors: unknown[];
  stop(): void;
}

function follow<T>(client: Client, query: string, variables: Record<string, unknown> = {}): Following<T> {
  const [values, errors]: [T[], unknown[]] = [[], []];
  const stop = client.subscribe<{ catalog: T }>(
    { query, variables },
    {
      next: ({ data, errors: found }) => {
        if (found !== undefined) errors.push(...found);
        if (data) values.push(data.catalog);
      },
      error: (error) => errors.push(error),
      complete: () => undefined,
    },
  );
  return { values, errors, stop };
}

const isSynced = ({ values }: Following<FeedEvent>): boolean => values.some(({ type }) => type === "SYNCED");

describe("a stock client", () => {
  it("reads the whole catalog and every change, and resumes from its cursor", async () => {
    const server = await start();
    const cluster = await member(server.broker);
    await publish(server.broker, cluster, { offerID: "a" });
    const first = follow<FeedEvent>(clientOf(server), CATALOG_SUBSCRIPTION);
    await waitFor(() => isSynced(first));
    expect(first.values[0]?.type).toBe("RESET");
    const jws = await publish(server.broker, cluster, { offerID: "b" });
    await waitFor(() => first.values.some(({ changes }) => changes.some((change) => change.jws === jws)));
    const cursor = first.values.at(-1)?.cursor;
    first.stop();
    await waitFor(() => server.hub.size.subscribers === 0);
    expect(server.hub.size.groups).toBe(0);
    const third = await publish(server.broker, cluster, { offerID: "c" });
    const second = follow<FeedEvent>(clientOf(server), CATALOG_SUBSCRIPTION, { since: cursor });
    await waitFor(() => isSynced(second));
    expect(second.values.map(({ type }) => type)).toEqual(["ITEMS", "SYNCED"]);
    expect(second.values[0]?.changes.map((change) => change.jws)).toEqual([third]);
  });

  it("chooses any selection, with aliases, fragments, directives and the contents of the documents", async () => {
    const server = await start();
    const cluster = await member(server.broker);
    const query = `subscription Mine($id: ID!, $more: Boolean!) {
      catalog(filter: { clusterIDs: [$id] }) { __typename kind: type ...Rest }
    }
    fragment Rest on CatalogEvent { changes { op offer { offerName plans { planCost resources available } labels } cluster { clusterName liqo { mode } } jws @include(if: $more) } }`;
    interface Mine {
      kind: string;
      changes: {
        op: string;
        offer: { offerName: string; plans: { planCost: number; available: number }[] } | null;
        cluster: { clusterName: string } | null;
        jws?: string;
      }[];
    }
    const mine = follow<Mine>(clientOf(server), query, { id: cluster.clusterID, more: false });
    await waitFor(() => mine.errors.length > 0 || mine.values.some(({ kind }) => kind === "SYNCED"));
    expect(mine.errors).toEqual([]);
    await publish(server.broker, cluster, { offerID: "a", offerName: "Chosen" });
    await waitFor(() => mine.values.some(({ changes }) => changes.some(({ offer }) => offer !== null)));
    expect(mine.errors).toEqual([]);
    const changes = mine.values.flatMap((value) => value.changes);
    expect(changes.find(({ cluster: told }) => told !== null)?.cluster).toMatchObject({
      clusterName: expect.any(String),
      liqo: { mode: "manual" },
    });
    expect(changes.find(({ offer }) => offer !== null)?.offer).toMatchObject({
      offerName: "Chosen",
      plans: [{ planCost: 10, available: 4 }],
    });
    expect(changes.every((change) => !("jws" in change))).toBe(true);
  });

  it("is told what is wrong with its cursor or filter", async () => {
    const server = await start();
    const forged = follow<FeedEvent>(clientOf(server), CATALOG_SUBSCRIPTION, { since: "forged" });
    await waitFor(() => forged.errors.length > 0);
    expect(forged.errors[0]).toMatchObject({ extensions: { code: "CURSOR_INVALID" } });
    const wrong = follow<FeedEvent>(
      clientOf(server),
      `subscription { catalog(filter: { currency: "EURO" }) { type } }`,
    );
    await waitFor(() => wrong.errors.length > 0);
    expect(wrong.errors[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
  });

  it("hears heartbeats with a cursor", async () => {
    const server = await start({ heartbeatMs: 40 });
    const quiet = follow<FeedEvent>(clientOf(server), CATALOG_SUBSCRIPTION);
    await waitFor(() => quiet.values.filter(({ type }) => type === "HEARTBEAT").length >= 3);
    expect(quiet.values.at(-1)?.cursor).toBe(quiet.values.findLast(({ type }) => type === "SYNCED")?.cursor);
  });
});

describe("groups", () => {
  it("execute once for all subscribers of one document, wherever they began, and apart for others", async () => {
    const server = await start();
    const cluster = await member(server.broker);
    await publish(server.broker, cluster, { offerID: "a" });
    const client = clientOf(server);
    const probe = follow<FeedEvent>(client, CATALOG_SUBSCRIPTION);
    await waitFor(() => isSynced(probe));
    const cursor = probe.values.at(-1)?.cursor;
    const clients = Array.from({ length: 20 }, () => clientOf(server));
    const same = clients.map((one, n) =>
      follow<FeedEvent>(one, CATALOG_SUBSCRIPTION, n % 2 === 0 ? { since: cursor } : {}),
    );
    const other = follow<FeedEvent>(client, "subscription { catalog { type cursor changes { jws } } }");
    const filtered = follow<FeedEvent>(
      client,
      `subscription { catalog(filter: { offerType: "none" }) { type cursor changes { jws } } }`,
    );
    await waitFor(() => [...same, other, filtered].every(isSynced));
    expect(server.hub.size).toEqual({ subscribers: 23, groups: 3 });
    const before = server.executions();
    const jws = await publish(server.broker, cluster, { offerID: "b" });
    const hasIt = ({ values }: Following<FeedEvent>): boolean =>
      values.some(({ changes }) => changes.some((change) => change.jws === jws));
    await waitFor(() => [...same, other, probe].every(hasIt));
    expect(server.executions() - before).toBe(2);
    expect(hasIt(filtered)).toBe(false);
  });

  it("send many changes that wait in one message", async () => {
    const server = await start();
    const cluster = await member(server.broker);
    const follower = follow<FeedEvent>(clientOf(server), CATALOG_SUBSCRIPTION);
    await waitFor(() => isSynced(follower));
    const before = follower.values.length;
    await publish(server.broker, cluster, { offerID: "burst" }, 100);
    const told = (): number => follower.values.slice(before).reduce((sum, { changes }) => sum + changes.length, 0);
    await waitFor(() => told() === 100);
    expect(follower.values.length - before).toBeLessThan(20);
    const revisions = follower.values.slice(before).flatMap(({ changes }) => changes.map(({ revision }) => revision));
    expect(revisions).toEqual(revisions.map((_, n) => (revisions[0] ?? 0) + n));
  });
});

/** A client that speaks just enough of the protocol to subscribe, and then does not read. */
async function stalled(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  ends.push(() => socket.destroy());
  socket.on("error", () => undefined);
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  await once(socket, "data");
  socket.write(masked(JSON.stringify({ type: "connection_init" })));
  await once(socket, "data");
  socket.write(masked(JSON.stringify({ id: "1", type: "subscribe", payload: { query: CATALOG_SUBSCRIPTION } })));
  socket.pause();
  return socket;
}

function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([Buffer.from([0x81]), length, Buffer.alloc(4), payload]);
}

describe("a reader that stalls", () => {
  const description = "x".repeat(4_000);

  it("is passed over, delays nobody, holds a bounded amount, and gets everything when it reads again", async () => {
    const server = await start({ bufferedBytes: 100_000 });
    const cluster = await member(server.broker);
    const slow = new WebSocket(`ws://127.0.0.1:${server.port}/graphql`, "graphql-transport-ws");
    ends.push(() => slow.terminate());
    const replica = new FeedReplica();
    slow.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; payload?: { data: { catalog: FeedEvent } } };
      if (message.type === "connection_ack")
        slow.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: CATALOG_SUBSCRIPTION } }));
      if (message.type === "next" && message.payload) replica.apply(message.payload.data.catalog);
    });
    await once(slow, "open");
    slow.send(JSON.stringify({ type: "connection_init" }));
    await waitFor(() => replica.types().includes("SYNCED"));
    slow.pause();
    const quick = follow<FeedEvent>(clientOf(server), CATALOG_SUBSCRIPTION);
    await waitFor(() => isSynced(quick));
    const before = replica.events.length;
    let last = "";
    for (let round = 0; round < 60; round += 1) {
      last = await publish(server.broker, cluster, { offerID: `big${round % 3}`, description }, 20);
      await waitFor(() => quick.values.some(({ changes }) => changes.some((change) => change.jws === last)));
    }
    expect(replica.events.length).toBe(before);
    slow.resume();
    await waitFor(() => replica.items.get(`${cluster.fingerprint} big2-0`)?.jws === last);
    const rows = await test.sql.query<{ fingerprint: string; offer_id: string; jws: string }>(
      "SELECT fingerprint, offer_id, jws FROM catalog_items WHERE NOT removed",
    );
    await waitFor(() => replica.items.size === rows.length);
    for (const row of rows) expect(replica.items.get(`${row.fingerprint} ${row.offer_id}`)?.jws).toBe(row.jws);
  });

  it("costs no more memory than its socket may hold and one message", async () => {
    const server = await start({ bufferedBytes: 100_000 });
    const cluster = await member(server.broker);
    const held: number[] = [];
    await stalled(server.port);
    await waitFor(() => server.hub.size.subscribers === 1);
    for (let round = 0; round < 60; round += 1) {
      await publish(server.broker, cluster, { offerID: `big${round % 3}`, description }, 20);
      held.push(server.hub.bufferedBytes);
    }
    expect(Math.max(...held)).toBeLessThan(100_000 + 1_048_576 + 400_000);
    expect(held.slice(-10).every((bytes) => bytes === held.at(-1))).toBe(true);
    expect(held.at(-1)).toBeGreaterThan(100_000);
  });

  it("for too long is closed with 4408", async () => {
    const server = await start({ bufferedBytes: 50_000, stuckMs: 300 });
    const cluster = await member(server.broker);
    const slow = await stalled(server.port);
    await waitFor(() => server.hub.size.subscribers === 1);
    for (let round = 0; round < 40; round += 1)
      await publish(server.broker, cluster, { offerID: `big${round % 3}`, description }, 20);
    await waitFor(() => server.hub.size.subscribers === 0, { timeoutMs: 20_000 });
    const received: Buffer[] = [];
    slow.on("data", (data: Buffer) => received.push(data));
    slow.resume();
    const tooSlow = Buffer.from([4408 >> 8, 4408 & 255]);
    await waitFor(() => Buffer.concat(received).includes(tooSlow));
    slow.destroy();
  });
});
