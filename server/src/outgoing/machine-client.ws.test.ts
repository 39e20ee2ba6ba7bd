import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { newParty, NOW, type Party } from "../auth/proof-authenticator.fixture.js";
import { ProofAuthenticator } from "../auth/proof-authenticator.js";
import { startListener } from "../graphql/graphql-listener.fixture.js";
import { loadTls } from "../tls/tls-material.js";
import { graphqlUrl, MachineClient } from "./machine-client.js";
import { SafeFetch } from "./safe-fetch.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

let caller: Party;
let receiver: Party;
let directory: string;
beforeAll(async () => {
  [caller, receiver] = [await newParty(), await newParty()];
  directory = await mkdtemp(join(tmpdir(), "catalog-client-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const clockAt = (seconds: number) => ({ now: () => new Date(seconds * 1_000) });

/** A receiver that knows nobody yet, with its clock at `seconds`. */
async function startReceiver(seconds = NOW, options: Parameters<typeof startListener>[0] = {}) {
  const used = new Set<string>();
  const seen = {
    insert: (iss: string, jti: string) => Promise.resolve(!used.has(iss + jti) && (used.add(iss + jti), true)),
  };
  const policy = { fingerprint: receiver.keys.fingerprint, keyOf: () => Promise.resolve(undefined) };
  const authenticator = new ProofAuthenticator(policy, seen, clockAt(seconds));
  const authenticate = async (request: Parameters<ProofAuthenticator["authenticate"]>[0]) =>
    ProofAuthenticator.isPresent(request)
      ? { name: (await authenticator.authenticate(request)).fingerprint }
      : { name: "nobody" };
  const server = await startListener({ authenticate, ...options });
  ends.push(() => server.listener.close(100));
  return server;
}

function clientAt(seconds = NOW): MachineClient {
  const fetch = new SafeFetch({ allowHttp: true, allowCidrs: [], denyCidrs: [], timeoutMs: 2_000 });
  ends.push(() => fetch.close());
  return new MachineClient(caller.signer, fetch, clockAt(seconds), () => Promise.resolve(caller.descriptor));
}

const call = (
  client: MachineClient,
  url: string,
  query = "{ hello }",
  options: Parameters<MachineClient["call"]>[4] = { firstContact: true },
) => client.call<{ hello: string }>(url, receiver.keys.fingerprint, query, {}, options);

describe("a call between machines", () => {
  test("is made by who signed it, over http and over pinned TLS", async () => {
    const plain = await startReceiver();
    expect(await call(clientAt(), plain.url)).toEqual({ hello: `hello ${caller.keys.fingerprint}` });
    const tls = await loadTls(
      { mode: "self-signed", dataDir: directory, names: ["localhost", "127.0.0.1"] },
      new Date(),
    );
    const secure = await startReceiver(NOW, { tls });
    expect(secure.url).toMatch(/^https:/);
    expect(await call(clientAt(), secure.url, "{ hello }", { firstContact: true, pinnedSpki: tls?.spki })).toEqual({
      hello: `hello ${caller.keys.fingerprint}`,
    });
    await expect(call(clientAt(), secure.url)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(await clientAt().ask(secure.url, "{ hello }", {}, { isAnyCertificate: true })).toEqual({
      data: { hello: "hello nobody" },
      spki: tls?.spki,
    });
  });

  test("opens a WebSocket with a proof", async () => {
    const server = await startReceiver();
    const machine = clientAt();
    const client = createClient({
      url: server.socketUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: async () => ({
        proof: await machine.socketProof(receiver.keys.fingerprint),
        descriptor: caller.descriptor,
      }),
    });
    ends.push(() => client.dispose());
    const { value } = await client.iterate({ query: "{ hello }" }).next();
    expect(value).toEqual({ data: { hello: `hello ${caller.keys.fingerprint}` } });
  });

  test("carries the other party's refusal, with code and details", async () => {
    const { url } = await startReceiver();
    await expect(call(clientAt(), url, '{ fail(kind: "known") }')).rejects.toMatchObject({
      code: "OFFER_NOT_FOUND",
      details: { offerID: "o1" },
    });
    await expect(call(clientAt(), url, "{ hello }", {})).rejects.toMatchObject({ code: "PROOF_KEY_UNKNOWN" });
  });

  test("follows the other clock once, up to 300 s, and remembers it", async () => {
    const behind = await startReceiver(NOW - 250);
    const client = clientAt();
    expect(await call(client, behind.url)).toEqual({ hello: `hello ${caller.keys.fingerprint}` });
    expect(await call(client, behind.url)).toEqual({ hello: `hello ${caller.keys.fingerprint}` });
    const far = await startReceiver(NOW + 400);
    await expect(call(clientAt(), far.url)).rejects.toMatchObject({ code: "CLOCK_SKEW" });
  });
});

describe("what is no answer of the other party is transient", () => {
  test("somebody else behind the address", async () => {
    const { url } = await startReceiver();
    await expect(clientAt().call(url, "A".repeat(43), "{ hello }", {}, { firstContact: true })).rejects.toMatchObject({
      code: "PEER_UNREACHABLE",
    });
  });

  test.each<[string, number, string]>([
    ["a proxy's page", 502, "<html>"],
    ["a login page", 200, "<html>"],
    ["JSON of something else", 200, '{"ok":true}'],
    ["a list", 200, "[]"],
    ["errors without a code", 200, '{"errors":[{"message":"no"}]}'],
    ["a code that is not ours", 200, '{"errors":[{"message":"no","extensions":{"code":"GATEWAY_SAYS_NO"}}]}'],
    ["data with an error status", 500, '{"data":{}}'],
    ["no data", 200, '{"data":null}'],
  ])("%s", async (_name, status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => (server.closeAllConnections(), server.close()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(call(clientAt(), url)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
  });
});

test("an endpoint without a path means /graphql; what is no URL is refused", async () => {
  expect(graphqlUrl("https://turin.example:6003")).toBe("https://turin.example:6003/graphql");
  expect(graphqlUrl("https://turin.example/")).toBe("https://turin.example/graphql");
  expect(graphqlUrl("https://turin.example/catalog/graphql")).toBe("https://turin.example/catalog/graphql");
  await expect(call(clientAt(), "nonsense")).rejects.toMatchObject({ code: "ENDPOINT_REFUSED" });
});
