import { createServer as createHttp, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, afterAll, describe, expect, test } from "vitest";
import { loadTls, type TlsMaterial } from "../tls/tls-material.js";
import { EndpointRefusedError } from "./endpoint-refused.error.js";
import { PinMismatchError } from "./pinned-agent.js";
import { SafeFetch, type SafeFetchOptions } from "./safe-fetch.js";

const BODY = new TextEncoder().encode("{}");
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

let directory: string;
let tls: [TlsMaterial, TlsMaterial];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "catalog-fetch-"));
  const make = async (name: string): Promise<TlsMaterial> => {
    const material = await loadTls(
      { mode: "self-signed", dataDir: join(directory, name), names: ["turin.example"] },
      new Date(),
    );
    if (material === undefined) throw new Error("no material");
    return material;
  };
  tls = [await make("one"), await make("two")];
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function listen(
  handler: RequestListener,
  material?: TlsMaterial,
): Promise<{ port: number; server: Server; requests: string[] }> {
  const requests: string[] = [];
  const counted: RequestListener = (request, response) => {
    requests.push(request.headers.host ?? "");
    handler(request, response);
  };
  const server =
    material === undefined ? createHttp(counted) : createHttps({ key: material.key, cert: material.cert }, counted);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => (server.closeAllConnections(), server.close()));
  return { port: (server.address() as AddressInfo).port, server, requests };
}

function fetcher(options: Partial<SafeFetchOptions> = {}): SafeFetch {
  const fetch = new SafeFetch({ allowHttp: true, allowCidrs: [], denyCidrs: [], timeoutMs: 2_000, ...options });
  ends.push(() => fetch.close());
  return fetch;
}

const json: RequestListener = (_request, response) =>
  response.setHeader("content-type", "application/json").end('{"data":{}}');

describe("what comes back", () => {
  test("an answer, to the checked address with the name as host", async () => {
    const { port, requests } = await listen(json);
    const fetch = fetcher({ resolve: () => Promise.resolve(["127.0.0.1"]) });
    expect(await fetch.postJson(`http://turin.example:${port}/graphql`, { body: BODY })).toEqual({
      status: 200,
      contentType: "application/json",
      body: '{"data":{}}',
      spki: undefined,
    });
    expect(requests).toEqual([`turin.example:${port}`]);
  });

  test("another address is tried while nothing was sent yet", async () => {
    const { port } = await listen(json);
    const fetch = fetcher({ resolve: () => Promise.resolve(["127.0.0.2", "127.0.0.1"]) });
    expect((await fetch.postJson(`http://turin.example:${port}`, { body: BODY })).status).toBe(200);
  });

  test("a redirect is an answer and is not followed", async () => {
    const target = await listen(json);
    const { port } = await listen((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
    );
    expect((await fetcher().postJson(`http://127.0.0.1:${port}`, { body: BODY })).status).toBe(307);
    expect(target.requests).toEqual([]);
  });

  test("an address that changes between two calls is judged each time", async () => {
    const { port, requests } = await listen(json);
    const answers = [["127.0.0.1"], ["10.1.2.3"]];
    const fetch = fetcher({ resolve: () => Promise.resolve(answers.shift() ?? []) });
    expect((await fetch.postJson(`http://turin.example:${port}`, { body: BODY })).status).toBe(200);
    await expect(fetch.postJson(`http://turin.example:${port}`, { body: BODY })).rejects.toThrow(EndpointRefusedError);
    expect(requests).toHaveLength(1);
  });
});

describe("what does not count", () => {
  test.each<[string, RequestListener]>([
    ["a large answer", (_request, response) => void response.end("x".repeat(300_000))],
    ["an endless answer", (_request, response) => void response.write("x".repeat(300_000))],
    ["a compressed answer", (_request, response) => void response.setHeader("content-encoding", "gzip").end("x")],
    ["silence", () => undefined],
    ["a drip", (_request, response) => void response.write("x")],
    ["a hang-up", (request) => void request.socket.destroy()],
    [
      "half an answer",
      (_request, response) =>
        void (response.setHeader("content-length", "10"), response.write("x"), setImmediate(() => response.destroy())),
    ],
  ])("%s", async (_name, handler) => {
    const { port } = await listen(handler);
    await expect(
      fetcher({ timeoutMs: 300 }).postJson(`http://127.0.0.1:${port}`, { body: BODY }),
    ).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
  });

  test("nobody listens; a name that hangs", async () => {
    const { port, server } = await listen(json);
    server.close();
    await once(server, "close");
    await expect(fetcher().postJson(`http://127.0.0.1:${port}`, { body: BODY })).rejects.toMatchObject({
      code: "PEER_UNREACHABLE",
    });
    const hanging = fetcher({ timeoutMs: 50, resolve: () => new Promise(() => undefined) });
    await expect(hanging.postJson("http://turin.example", { body: BODY })).rejects.toMatchObject({
      code: "PEER_UNREACHABLE",
    });
  });
});

describe("TLS", () => {
  const resolve = (): Promise<string[]> => Promise.resolve(["127.0.0.1"]);

  test("a self-signed certificate counts by its pin only, and the connection is kept", async () => {
    const { port, server } = await listen(json, tls[0]);
    let connections = 0;
    server.on("secureConnection", () => (connections += 1));
    const fetch = fetcher({ resolve });
    const url = `https://turin.example:${port}/graphql`;
    await expect(fetch.postJson(url, { body: BODY })).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    const before = connections;
    for (let n = 0; n < 3; n += 1) {
      expect(await fetch.postJson(url, { body: BODY, pinnedSpki: tls[0].spki })).toMatchObject({
        status: 200,
        spki: tls[0].spki,
      });
    }
    expect(connections - before).toBe(1);
  });

  test("another key than the pinned one gets no request, on a kept connection neither", async () => {
    const { port, requests } = await listen(json, tls[0]);
    const fetch = fetcher({ resolve });
    const url = `https://turin.example:${port}/graphql`;
    await fetch.postJson(url, { body: BODY, pinnedSpki: tls[0].spki });
    const mismatch = await fetch.postJson(url, { body: BODY, pinnedSpki: tls[1].spki }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(mismatch).toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(mismatch?.cause).toBeInstanceOf(PinMismatchError);
    expect((mismatch?.cause as PinMismatchError | undefined)?.spki).toBe(tls[0].spki);
    expect(requests).toHaveLength(1);
    expect(await fetch.postJson(url, { body: BODY, isAnyCertificate: true })).toMatchObject({
      status: 200,
      spki: tls[0].spki,
    });
    await expect(fetch.postJson(url, { body: BODY })).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(requests).toHaveLength(2);
  });
});
