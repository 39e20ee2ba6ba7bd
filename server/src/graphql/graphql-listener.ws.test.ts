import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { createClient, type Client } from "graphql-ws";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { CatalogError } from "@catalog/schema/errors";
import { waitFor } from "../testing/wait-for.js";
import { startListener, type TestContext, type TestViewer } from "./graphql-listener.fixture.js";
import type { OfferedSubscription, SocketSession, SubscriptionHooks } from "./listener-options.js";
import { sendNext } from "./next-frame.js";

type Server = Awaited<ReturnType<typeof startListener>>;
type Hooks = SubscriptionHooks<TestViewer, TestContext>;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(hooks: Hooks = {}, limits: Parameters<typeof startListener>[1] = {}): Promise<Server> {
  const server = await startListener({ subscriptionHooks: hooks }, limits);
  ends.push(() => server.listener.close(100));
  return server;
}

function clientOf(server: Server, name = "turin"): Client {
  const client = createClient({
    url: server.socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${name}` },
  });
  ends.push(() => client.dispose());
  return client;
}

/** All that a subscription yields, then its error, if any. */
async function collect(
  client: Client,
  query: string,
  variables?: Record<string, unknown>,
): Promise<{ values: unknown[]; error?: unknown }> {
  const values: unknown[] = [];
  try {
    for await (const value of client.iterate({ query, ...(variables === undefined ? {} : { variables }) }))
      values.push(value);
    return { values };
  } catch (error) {
    return { values, error };
  }
}

/** A socket that speaks the protocol by hand. */
async function raw(
  server: Server,
  init: object | null = {},
): Promise<{
  socket: WebSocket;
  messages: { type: string; id?: string; payload?: unknown }[];
  closed: ReturnType<typeof closeOf>;
}> {
  const socket = new WebSocket(server.socketUrl, "graphql-transport-ws");
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as { type: string }));
  socket.on("error", () => undefined);
  ends.push(() => socket.terminate());
  const closed = closeOf(socket);
  await once(socket, "open");
  if (init !== null) {
    socket.send(JSON.stringify({ type: "connection_init", payload: init }));
    await waitFor(() => messages.some(({ type }) => type === "connection_ack") || socket.readyState === socket.CLOSED);
  }
  return { socket, messages, closed };
}

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  return { code, reason: reason.toString() };
}

test("a listener that is about to leave serves everything, and asks its clients to connect anew", async () => {
  const server = await start();
  const ask = async (): Promise<Response> =>
    fetch(server.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer turin" },
      body: JSON.stringify({ query: "{ hello }" }),
    });
  expect((await ask()).headers.get("connection")).toBe("keep-alive");
  server.listener.drain();
  const answer = await ask();
  expect(answer.headers.get("connection")).toBe("close");
  expect(await answer.json()).toEqual({ data: { hello: "hello turin" } });
  expect((await collect(clientOf(server), "subscription { count(to: 1) }")).error).toBeUndefined();
});

describe("operations of a stock graphql-ws client", () => {
  test("a subscription, and a query with the viewer of the socket", async () => {
    const client = clientOf(await start());
    expect((await collect(client, "subscription { count(to: 3) }")).values).toEqual(
      [1, 2, 3].map((count) => ({ data: { count } })),
    );
    expect((await collect(client, "{ hello }")).values).toEqual([{ data: { hello: "hello turin" } }]);
  });

  test.each([
    ["a mutation", "mutation { change }", "FORBIDDEN"],
    ["a syntax error", "subscription {", "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["too deep", `{ node ${"{ self ".repeat(14)} { name } ${"}".repeat(14)} }`, "QUERY_TOO_COMPLEX"],
    ["too many tokens", `{ ${"hello ".repeat(2_001)} }`, "GRAPHQL_PARSE_FAILED"],
  ])("%s is refused with an error of our format", async (_name, query, code) => {
    const { values, error } = await collect(clientOf(await start()), query);
    expect(values).toEqual([]);
    expect(error).toMatchObject([{ extensions: { code, definitive: true, requestId: expect.any(String) } }]);
  });

  test("errors of resolvers and of a subscription's start are mapped as on HTTP", async () => {
    const client = clientOf(await start());
    const known = await collect(client, '{ fail(kind: "known") }');
    expect(known.values).toMatchObject([
      {
        data: { fail: null },
        errors: [{ path: ["fail"], extensions: { code: "OFFER_NOT_FOUND", details: { offerID: "o1" } } }],
      },
    ]);
    const masked = await collect(client, '{ fail(kind: "bug") }');
    expect(masked.values).toMatchObject([
      { errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR", definitive: false } }] },
    ]);
    expect(JSON.stringify(masked.values)).not.toMatch(/hunter2|SELECT/);
    const away = await collect(client, 'subscription { broken(kind: "database") }');
    expect(away.values).toMatchObject([{ errors: [{ extensions: { code: "UNAVAILABLE" } }] }]);
  });

  test("more operations than one socket may have", async () => {
    const server = await start({}, { operationsPerSocket: 2 });
    const { socket, messages } = await raw(server);
    for (const id of ["a", "b", "c"])
      socket.send(JSON.stringify({ id, type: "subscribe", payload: { query: "subscription { forever }" } }));
    const refusal = await waitFor(() => messages.find(({ type }) => type === "error"));
    expect(refusal).toMatchObject({ id: "c", payload: [{ extensions: { code: "LIMIT_EXCEEDED" } }] });
    socket.send(JSON.stringify({ id: "a", type: "complete" }));
    socket.send(JSON.stringify({ id: "d", type: "subscribe", payload: { query: "subscription { count(to: 1) }" } }));
    await waitFor(() => messages.some(({ id, type }) => id === "d" && type === "complete"));
  });
});

describe("who may connect", () => {
  test.each([
    ["bad", 4401, "UNAUTHENTICATED: "],
    ["skewed", 4401, "CLOCK_SKEW serverTime=1700000000: "],
    ["stranger", 4403, "NOT_A_MEMBER: "],
    ["away", 1013, "UNAVAILABLE: "],
  ])("%s is closed with a code that says why", async (name, code, reason) => {
    const { error } = await collect(clientOf(await start(), name), "{ hello }");
    expect(error).toMatchObject({ code, reason: expect.stringContaining(reason) });
  });

  test("sockets of one principal are counted, and given back when they close", async () => {
    const server = await start({ principalOf: ({ name }) => name }, { socketsPerPrincipal: 2 });
    const first = await raw(server, { authorization: "Bearer milan" });
    await raw(server, { authorization: "Bearer milan" });
    expect((await collect(clientOf(server, "milan"), "{ hello }")).error).toMatchObject({ code: 4429 });
    expect((await collect(clientOf(server, "paris"), "{ hello }")).error).toBeUndefined();
    first.socket.close();
    await waitFor(async () => (await collect(clientOf(server, "milan"), "{ hello }")).error === undefined);
  });

  test("a socket that says nothing is closed after the wait", async () => {
    const { closed } = await raw(await start({}, { connectionInitMs: 30 }), null);
    expect(await closed).toMatchObject({ code: 4408 });
  });

  test("an operation before connection_init, and a second connection_init", async () => {
    const server = await start();
    const early = await raw(server, null);
    early.socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: "{ hello }" } }));
    expect(await early.closed).toMatchObject({ code: 4401 });
    const twice = await raw(server);
    twice.socket.send(JSON.stringify({ type: "connection_init" }));
    expect(await twice.closed).toMatchObject({ code: 4429 });
  });

  test("another sub-protocol, another path, too many sockets", async () => {
    const server = await start({}, { sockets: 2 });
    const legacy = new WebSocket(server.socketUrl, "graphql-ws");
    legacy.on("error", () => undefined);
    ends.push(() => legacy.terminate());
    await once(legacy, "error"); // ws refuses a server that agrees to no sub-protocol.
    await raw(server);
    await raw(server);
    const refusalOf = async (url: string): Promise<unknown> => {
      const socket = new WebSocket(url, "graphql-transport-ws");
      socket.on("error", () => undefined);
      const [, response] = (await once(socket, "unexpected-response")) as [unknown, AsyncIterable<Buffer>];
      let body = "";
      for await (const chunk of response) body += chunk.toString();
      return JSON.parse(body);
    };
    expect(await refusalOf(server.socketUrl)).toMatchObject({ errors: [{ extensions: { code: "OVERLOADED" } }] });
    expect(await refusalOf(`${server.socketUrl}/x`)).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });
});

test("an upgrade that is no WebSocket handshake is answered, not dropped", async () => {
  const { port } = await start();
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  const [head, body] = Buffer.concat(chunks).toString().split("\r\n\r\n");
  expect(head).toContain("HTTP/1.1 400");
  expect(JSON.parse(body ?? "")).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
});

describe("sockets that misbehave or outstay", () => {
  test("a frame beyond the bound, before connection_init too", async () => {
    const server = await start();
    for (const init of [null, {}]) {
      const { socket, closed } = await raw(server, init);
      socket.send(JSON.stringify({ type: "ping", payload: { x: "x".repeat(262_144) } }));
      expect(await closed).toMatchObject({ code: 1009 });
    }
  });

  test("what is not the protocol", async () => {
    const server = await start();
    for (const garbage of ["{", "[]", '{"type":"nonsense"}', randomBytes(64)]) {
      const { socket, closed } = await raw(server);
      socket.send(garbage);
      expect(await closed).toMatchObject({ code: 4400 });
    }
    expect((await collect(clientOf(server), "{ hello }")).error).toBeUndefined();
  });

  test("a flood of messages, and of pings", async () => {
    const server = await start({}, { messageBurst: 20, messagesPerSecond: 1 });
    const messages = await raw(server);
    for (let n = 0; n < 1_000; n += 1) messages.socket.send('{"type":"ping"}');
    expect(await messages.closed).toMatchObject({ code: 4429 });
    const pings = await raw(server);
    for (let n = 0; n < 1_000; n += 1) pings.socket.ping();
    expect(await pings.closed).toMatchObject({ code: 4429 });
  });

  test("a session that has ended, asked at the heartbeat; a question that fails leaves the socket", async () => {
    const answers: (() => Promise<boolean>)[] = [
      () => Promise.reject(new Error("database away")),
      () => Promise.resolve(true),
      () => Promise.resolve(false),
    ];
    const asked: string[] = [];
    const server = await start(
      { recheck: ({ viewer }) => (asked.push(viewer.name), (answers.shift() ?? (() => Promise.resolve(false)))()) },
      { heartbeatMs: 20 },
    );
    const { closed } = await raw(server, { authorization: "Bearer milan" });
    expect(await closed).toMatchObject({ code: 4403, reason: "the session has ended" });
    expect(asked).toEqual(["milan", "milan", "milan"]);
  });

  test("a socket beyond its age", async () => {
    const { closed } = await raw(await start({}, { heartbeatMs: 20, socketAgeMs: 1 }));
    expect(await closed).toMatchObject({ code: 4403 });
  });

  test("a client that does not answer pings is cut", async () => {
    const server = await start({}, { heartbeatMs: 20 });
    const socket = new WebSocket(server.socketUrl, "graphql-transport-ws", { autoPong: false });
    expect(await closeOf(socket)).toMatchObject({ code: 1006 });
  });

  test("owners are told of acknowledged sockets, once when they open and once when they close", async () => {
    const seen: string[] = [];
    const log = (what: string) => (session: SocketSession<TestViewer>) =>
      void seen.push(`${what} ${session.viewer.name}`);
    const server = await start({ opened: log("opened"), closed: log("closed") });
    await raw(server, null);
    const { socket } = await raw(server, { authorization: "Bearer milan" });
    expect(seen).toEqual(["opened milan"]);
    socket.close();
    await waitFor(() => seen.length > 1);
    expect(seen).toEqual(["opened milan", "closed milan"]);
  });

  test("closing says 1001, after which stock clients reconnect, and refuses newcomers", async () => {
    const server = await start();
    const { closed } = await raw(server);
    await server.listener.close(1_000);
    expect(await closed).toMatchObject({ code: 1001 });
  });
});

describe("a subscription that its owner takes over", () => {
  type Taken = OfferedSubscription<TestViewer, TestContext>;
  const query = 'subscription Feed($since: String = "x") { catalog(since: $since) }';

  function takeAll(): { hooks: Hooks; taken: Taken[]; released: string[] } {
    const taken: Taken[] = [];
    const released: string[] = [];
    const hooks: Hooks = {
      takeOver: (offered) => {
        if (!("since" in offered.variables)) return undefined;
        taken.push(offered);
        return () => released.push(offered.session.viewer.name);
      },
    };
    return { hooks, taken, released };
  }

  test("shared frames reach stock clients in order, then complete; other subscriptions go on as usual", async () => {
    const { hooks, taken, released } = takeAll();
    const server = await start(hooks);
    const clients = [clientOf(server, "turin"), clientOf(server, "milan")];
    const results = clients.map((client) => collect(client, query, { since: "c1" }));
    await waitFor(() => taken.length === 2);
    expect(taken.map(({ variables, operationName, query: text }) => ({ variables, operationName, text }))).toEqual(
      Array.from({ length: 2 }, () => ({ variables: { since: "c1" }, operationName: undefined, text: query })),
    );
    expect(taken[0]?.context.transport).toBe("ws");
    for (let n = 0; n < 500; n += 1) {
      const shared = Buffer.from(JSON.stringify({ data: { catalog: `è ${n} ${"x".repeat(n)}` } }));
      for (const { session, id } of taken) sendNext(session.socket, id, shared, () => undefined);
    }
    expect((await collect(clients[0] as Client, "subscription { count(to: 2) }")).values).toHaveLength(2);
    for (const subscription of taken) subscription.complete();
    for (const { values, error } of await Promise.all(results)) {
      expect(error).toBeUndefined();
      expect(values).toEqual(Array.from({ length: 500 }, (_, n) => ({ data: { catalog: `è ${n} ${"x".repeat(n)}` } })));
    }
    expect(released.sort()).toEqual(["milan", "turin"]);
  });

  test("variables carry defaults; wrong ones are refused before anybody is asked", async () => {
    const { hooks, taken } = takeAll();
    const client = clientOf(await start(hooks));
    const wrong = await collect(client, query, { since: 7 });
    expect(wrong.values).toMatchObject([{ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
    expect(taken).toEqual([]);
    void collect(client, query);
    await waitFor(() => taken.length === 1);
    expect(taken[0]?.variables).toEqual({ since: "x" });
  });

  test.each(["complete", "close"] as const)("the owner is told once when the client ends it by %s", async (how) => {
    const { hooks, taken, released } = takeAll();
    const { socket } = await raw(await start(hooks), { authorization: "Bearer milan" });
    socket.send(JSON.stringify({ id: "feed", type: "subscribe", payload: { query } }));
    await waitFor(() => taken.length === 1);
    if (how === "complete") socket.send(JSON.stringify({ id: "feed", type: "complete" }));
    else socket.terminate();
    await waitFor(() => released.length > 0);
    taken[0]?.complete();
    taken[0]?.fail(new Error("too late"));
    expect(released).toEqual(["milan"]);
  });

  test("a refusal and a failure reach the client in our format", async () => {
    const refused = await start({
      takeOver: () => {
        throw new CatalogError("CURSOR_INVALID", "not a cursor");
      },
    });
    expect((await collect(clientOf(refused), query)).values).toMatchObject([
      { errors: [{ extensions: { code: "CURSOR_INVALID" } }] },
    ]);
    const { hooks, taken } = takeAll();
    const result = collect(clientOf(await start(hooks)), query);
    await waitFor(() => taken.length === 1);
    taken[0]?.fail(new CatalogError("UNAVAILABLE", "the log is away"));
    expect((await result).error).toMatchObject([{ extensions: { code: "UNAVAILABLE", definitive: false } }]);
  });

  test("the id of a taken over subscription stays reserved until it ends", async () => {
    const { hooks, taken } = takeAll();
    const { socket, closed } = await raw(await start(hooks));
    const subscribe = JSON.stringify({ id: "feed", type: "subscribe", payload: { query } });
    socket.send(subscribe);
    await waitFor(() => taken.length === 1);
    socket.send(subscribe);
    expect(await closed).toMatchObject({ code: 4409 });
  });
});
