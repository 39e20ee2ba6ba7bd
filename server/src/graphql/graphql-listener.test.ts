import { type IncomingMessage, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { json as readJson } from "node:stream/consumers";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startListener } from "./graphql-listener.fixture.js";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
}

let server: Awaited<ReturnType<typeof startListener>>;
beforeAll(async () => {
  server = await startListener({
    extraRoutes: (app) => {
      app.post("/echo", (request) => request.body);
      app.get("/", () => "console");
    },
  });
});
afterAll(() => server.listener.close(1_000));

async function send(init: RequestInit, url = server.url): Promise<Answer> {
  const response = await fetch(url, init);
  const body = (await response.json()) as Pick<Answer, "data" | "errors">;
  return { status: response.status, headers: response.headers, ...body };
}

function post(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
  return send({
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

/** As clients do that make a connection for each request and write all of it before they read (Python's urllib). */
async function postOnce(body: string): Promise<Answer> {
  const headers = { "content-type": "application/json", "content-length": body.length };
  const request = httpRequest(server.url, { method: "POST", agent: false, headers });
  await new Promise<void>((resolve, reject) => request.on("error", reject).end(body, resolve));
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const answer = (await readJson(response)) as Pick<Answer, "errors">;
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(response.headers as Record<string, string>),
    ...answer,
  };
}

describe("operations over HTTP", () => {
  test("POST answers with data, the viewer in the context and the caller's request id", async () => {
    const answer = await post("{ hello }", {}, { authorization: "Bearer turin", "x-request-id": "abc-1" });
    expect(answer).toMatchObject({ status: 200, data: { hello: "hello turin" } });
    expect(answer.headers.get("x-request-id")).toBe("abc-1");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("GET answers queries of clients that no form can imitate, and refuses the others and mutations", async () => {
    const get = (query: string, headers: Record<string, string>) =>
      send({ headers }, `${server.url}?query=${encodeURIComponent(query)}`);
    expect(await get("{ hello }", { "content-type": "application/json" })).toMatchObject({
      status: 200,
      data: { hello: "hello nobody" },
    });
    expect(await get("{ hello }", {})).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT", requestId: expect.any(String) } }],
    });
    expect(await get("mutation { change }", { "apollo-require-preflight": "1" })).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
  });

  test("introspection works", async () => {
    expect((await post("{ __schema { queryType { name } } }")).data).toEqual({
      __schema: { queryType: { name: "Query" } },
    });
  });

  test("routes beside it keep their own body parsers", async () => {
    const origin = server.url.replace("/graphql", "");
    const response = await fetch(`${origin}/echo`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"a":1}',
    });
    expect(await response.json()).toEqual({ a: 1 });
    expect(await (await fetch(origin)).text()).toBe("console");
  });
});

describe("refusals are GraphQL JSON with the table's status", () => {
  const json = { "content-type": "application/json" };
  const cases: [string, () => Promise<Answer>, number, string, boolean][] = [
    ["not authenticated", () => post("{ hello }", {}, { authorization: "Bearer bad" }), 401, "UNAUTHENTICATED", true],
    ["no member", () => post("{ hello }", {}, { authorization: "Bearer stranger" }), 403, "NOT_A_MEMBER", false],
    ["database away", () => post("{ hello }", {}, { authorization: "Bearer away" }), 503, "UNAVAILABLE", false],
    ["not JSON", () => send({ method: "POST", headers: json, body: "{" }), 400, "GRAPHQL_PARSE_FAILED", true],
    [
      "not UTF-8",
      () => send({ method: "POST", headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }),
      400,
      "GRAPHQL_PARSE_FAILED",
      true,
    ],
    ["empty body", () => send({ method: "POST", headers: json, body: "" }), 400, "GRAPHQL_PARSE_FAILED", true],
    ["a number", () => send({ method: "POST", headers: json, body: "1" }), 400, "BAD_USER_INPUT", true],
    [
      "a batch",
      () => send({ method: "POST", headers: json, body: '[{"query":"{hello}"}]' }),
      400,
      "BAD_USER_INPUT",
      true,
    ],
    ["no query", () => send({ method: "POST", headers: json, body: '{"variables":{}}' }), 400, "BAD_USER_INPUT", true],
    [
      "text/plain",
      () => send({ method: "POST", headers: { "content-type": "text/plain" }, body: '{"query":"{hello}"}' }),
      415,
      "BAD_USER_INPUT",
      true,
    ],
    [
      "a form",
      () => send({ method: "POST", body: new URLSearchParams({ query: "{hello}" }) }),
      415,
      "BAD_USER_INPUT",
      true,
    ],
    ["too large", () => post(`{ hello }${" ".repeat(262_144)}`), 413, "BODY_TOO_LARGE", true],
    ["much too large", () => post(`{ hello }${" ".repeat(8_000_000)}`), 413, "BODY_TOO_LARGE", true],
    ["much too large, in one go", () => postOnce(" ".repeat(8_000_000)), 413, "BODY_TOO_LARGE", true],
    ["DELETE", () => send({ method: "DELETE" }), 405, "BAD_USER_INPUT", true],
    ["PUT with a body", () => send({ method: "PUT", headers: json, body: "{}" }), 405, "BAD_USER_INPUT", true],
    [
      "another path",
      () => send({ method: "POST", headers: json, body: "{}" }, `${server.url}/x`),
      404,
      "NOT_FOUND",
      true,
    ],
    ["an undecodable path", () => send({}, server.url.replace("graphql", "%zz")), 400, "BAD_USER_INPUT", true],
    ["a syntax error", () => post("{ hello"), 400, "GRAPHQL_PARSE_FAILED", true],
    ["an unknown field", () => post("{ nothing }"), 400, "GRAPHQL_VALIDATION_FAILED", true],
    [
      "a wrong variable",
      () => post("query($v: Timestamp) { timestamp(value: $v) }", { v: "x" }),
      400,
      "BAD_USER_INPUT",
      true,
    ],
    [
      "an unknown operation",
      () => send({ method: "POST", headers: json, body: '{"query":"query a {hello}","operationName":"b"}' }),
      400,
      "BAD_USER_INPUT",
      true,
    ],
    ["a subscription", () => post("subscription { forever }"), 400, "BAD_USER_INPUT", true],
    [
      "too deep",
      () => post(`{ node ${"{ self ".repeat(14)} { name } ${"}".repeat(14)} }`),
      400,
      "QUERY_TOO_COMPLEX",
      true,
    ],
    [
      "too many aliases",
      () => post(`{ ${Array.from({ length: 31 }, (_, n) => `a${n}: hello`).join(" ")} }`),
      400,
      "QUERY_TOO_COMPLEX",
      true,
    ],
    [
      "too many directives",
      () => post(`{ hello ${"@include(if: true) ".repeat(31)} }`),
      400,
      "QUERY_TOO_COMPLEX",
      true,
    ],
    ["too costly", () => post("{ nodes(first: 100000) { name } }"), 400, "QUERY_TOO_COMPLEX", true],
    ["too many tokens", () => post(`{ ${"hello ".repeat(2_001)} }`), 400, "GRAPHQL_PARSE_FAILED", true],
  ];
  test.each(cases)("%s", async (_name, request, status, code, definitive) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(answer.errors?.map((error) => error.extensions["code"])).toContain(code);
    for (const error of answer.errors ?? []) {
      expect(error.extensions).toMatchObject({ definitive, requestId: answer.headers.get("x-request-id") });
      expect(error.extensions).not.toHaveProperty("stacktrace");
      expect(error.extensions).not.toHaveProperty("http");
    }
    expect(answer.data ?? undefined).toBeUndefined();
  });

  test("bytes that are not HTTP", async () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.end("NONSENSE\r\n\r\n");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(socket, "close");
    const [head, body] = Buffer.concat(chunks).toString().split("\r\n\r\n");
    expect(head).toContain("HTTP/1.1 400");
    expect(JSON.parse(body ?? "")).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT", definitive: true } }],
    });
  });

  test("more requests than may run at once", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let arrived: () => void = () => undefined;
    const isFull = new Promise<void>((resolve) => (arrived = resolve));
    const small = await startListener(
      { authenticate: async () => (arrived(), await held, { name: "slow" }) },
      { requestsInFlight: 1 },
    );
    const body = { method: "POST", headers: json, body: '{"query":"{hello}"}' };
    const first = send(body, small.url);
    await isFull;
    expect(await send(body, small.url)).toMatchObject({
      status: 503,
      errors: [{ extensions: { code: "OVERLOADED", definitive: false } }],
    });
    release();
    expect((await first).data).toEqual({ hello: "hello slow" });
    await small.listener.close(1_000);
  });
});

describe("errors of resolvers", () => {
  test("a known error keeps code, message, details and path; the status stays 200", async () => {
    const answer = await post('{ fail(kind: "known") hello }');
    expect(answer).toMatchObject({
      status: 200,
      data: { fail: null, hello: "hello nobody" },
      errors: [
        {
          message: "there is no offer o1",
          path: ["fail"],
          extensions: { code: "OFFER_NOT_FOUND", definitive: true, details: { offerID: "o1" } },
        },
      ],
    });
  });

  test("an unknown error is masked", async () => {
    const answer = await post('{ fail(kind: "bug") }');
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "INTERNAL_SERVER_ERROR", definitive: false });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|SELECT|stack/);
  });

  test("a lost database is UNAVAILABLE, and tells nothing about it", async () => {
    const answer = await post('{ failNonNull(kind: "database") }');
    expect(answer).toMatchObject({
      status: 503,
      data: null,
      errors: [{ extensions: { code: "UNAVAILABLE", definitive: false } }],
    });
    expect(JSON.stringify(answer)).not.toContain("secret-host");
  });

  test("an answer with nothing because of the caller's standing has that status; with other refusals it is 200", async () => {
    expect((await post('{ failNonNull(kind: "unauthenticated") }')).status).toBe(401);
    expect((await post('{ failNonNull(kind: "known") }')).status).toBe(200);
  });
});

describe("closing", () => {
  test("a request that runs is finished, then nothing listens any more", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let arrived: () => void = () => undefined;
    const isRunning = new Promise<void>((resolve) => (arrived = resolve));
    const other = await startListener({ authenticate: async () => (arrived(), await held, { name: "slow" }) });
    const running = send(
      { method: "POST", headers: { "content-type": "application/json" }, body: '{"query":"{hello}"}' },
      other.url,
    );
    await isRunning;
    const closed = other.listener.close(10_000);
    release();
    expect((await running).data).toEqual({ hello: "hello slow" });
    await closed;
    await expect(fetch(other.url)).rejects.toThrow();
  });

  test("a request that never ends is cut after the grace", async () => {
    let arrived: () => void = () => undefined;
    const isRunning = new Promise<void>((resolve) => (arrived = resolve));
    const other = await startListener({ authenticate: () => (arrived(), new Promise(() => undefined)) });
    const running = send(
      { method: "POST", headers: { "content-type": "application/json" }, body: '{"query":"{hello}"}' },
      other.url,
    );
    const outcome = expect(running).rejects.toThrow();
    await isRunning;
    await other.listener.close(50);
    await outcome;
  });
});
