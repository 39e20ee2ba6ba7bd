import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EndpointGuard } from "@catalog/server/outgoing/endpoint-guard";
import { selfSigned } from "@catalog/server/tls/self-signed";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HttpsAuthProbe } from "./auth-probe.js";

const seen: { url: string | undefined; authorization: string | undefined }[] = [];
let server: Server;
let directory: string;
let answer: { status: number; body: string };
let port: number;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "auth-probe-"));
  const { cert, key } = await selfSigned(directory, ["localhost"], new Date());
  server = createServer({ cert, key }, (request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

const guard = (allowHttp: boolean) => new EndpointGuard({ allowHttp, allowCidrs: [], denyCidrs: [] });

it("asks who Liqo is without credentials, whatever the certificate", async () => {
  answer = { status: 200, body: JSON.stringify({ clusterId: "id-1", clusterName: "turin" }) };
  const probe = new HttpsAuthProbe(guard(true), true);
  expect(await probe.whoIs(`https://127.0.0.1:${port}`)).toEqual({ clusterID: "id-1", clusterName: "turin" });
  expect(seen).toEqual([{ url: "/ids", authorization: undefined }]);
});

it.each([
  [500, "{}"],
  [200, "<html>"],
  [200, "{}"],
  [200, "null"],
  [200, JSON.stringify({ clusterId: 7 })],
  [302, "{}"],
  [200, `"${"x".repeat(20_000)}"`],
])("takes %i %s for no answer", async (status, body) => {
  answer = { status, body };
  const asked = new HttpsAuthProbe(guard(true), true).whoIs(`https://127.0.0.1:${port}`);
  await expect(asked).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
});

it("calls no address that the rules refuse", async () => {
  const before = seen.length;
  const asked = new HttpsAuthProbe(guard(false), false).whoIs(`https://127.0.0.1:${port}`);
  await expect(asked).rejects.toMatchObject({ code: "ENDPOINT_REFUSED" });
  expect(seen).toHaveLength(before);
});
