import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Backoff } from "@catalog/server/backoff";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpKubeApi } from "./http-kube-api.js";
import type { KubeObject } from "./kube-api.js";
import {
  KubeConflictError,
  KubeForbiddenError,
  KubeKindMissingError,
  KubeUnauthenticatedError,
  KubeUnavailableError,
} from "./kube.errors.js";
import { KubeLogins } from "./kube-login.js";
import { HttpKubeTransport } from "./kube-transport.js";

const TENANT = { apiVersion: "authentication.liqo.io/v1beta1", kind: "Tenant" };
const REF = { ...TENANT, namespace: "liqo-tenant-turin", name: "turin" };
const PATH = "/apis/authentication.liqo.io/v1beta1/namespaces/liqo-tenant-turin/tenants";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}
type Handler = (request: Seen, response: ServerResponse) => void;

/** Speaks just enough of the Kubernetes API to be misunderstood by. */
class ScriptedApiServer {
  readonly seen: Seen[] = [];
  readonly sockets = new Set<Socket>();
  readonly script: Handler[] = [];
  otherwise: Handler = (_request, response) => json(response, 500, { message: "nothing is scripted" });
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<number> {
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  cutConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cutConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const seen = {
      method: request.method ?? "",
      url: request.url ?? "",
      type: request.headers["content-type"],
      authorization: request.headers.authorization,
      body: Buffer.concat(chunks).toString(),
    };
    this.seen.push(seen);
    (this.script.shift() ?? this.otherwise)(seen, response);
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const answers =
  (status: number, body: unknown): Handler =>
  (_request, response) =>
    json(response, status, body);

function tenant(resourceVersion: string, name = "turin"): KubeObject {
  return { ...TENANT, metadata: { name, namespace: "liqo-tenant-turin", uid: `uid-${name}`, resourceVersion } };
}

function listOf(items: readonly KubeObject[], metadata: object = { resourceVersion: "10" }): object {
  return { kind: "TenantList", items: items.map(({ apiVersion: _a, kind: _k, ...item }) => item), metadata };
}

let server: ScriptedApiServer;
let directory: string;
let kubeconfig: string;
let api: HttpKubeApi;
let logins: KubeLogins;
let errors: unknown[];

async function writeKubeconfig(port: number, token: string): Promise<void> {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
}

let port: number;
beforeEach(async () => {
  server = new ScriptedApiServer();
  port = await server.start();
  directory = await mkdtemp(join(tmpdir(), "kube-api-"));
  kubeconfig = join(directory, "kubeconfig");
  await writeKubeconfig(port, "first-token");
  errors = [];
  logins = new KubeLogins({ kubeconfig });
  api = new HttpKubeApi(new HttpKubeTransport(logins), {
    onWatchError: (error) => errors.push(error),
    watch: { backoff: new Backoff(5, 5) },
  });
}, 30_000);

afterEach(async () => {
  logins.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("requests", () => {
  it("names the group, the namespace and the kind's own plural", async () => {
    server.otherwise = answers(200, tenant("1"));
    await api.get(REF);
    await api.get({ apiVersion: "networking.liqo.io/v1beta1", kind: "PublicKey", namespace: "a", name: "b" });
    await api.get({ apiVersion: "v1", kind: "Node", name: "worker" });
    expect(server.seen.map(({ url }) => url)).toEqual([
      `${PATH}/turin`,
      "/apis/networking.liqo.io/v1beta1/namespaces/a/publickeies/b",
      "/api/v1/nodes/worker",
    ]);
    expect(server.seen[0]?.authorization).toBe("Bearer first-token");
    await expect(api.get({ ...TENANT, name: "turin" })).rejects.toThrow("lives in a namespace");
  });

  it("patches as a merge patch and writes status at its own path with the resourceVersion", async () => {
    server.otherwise = answers(200, tenant("2"));
    await api.mergePatch(REF, { spec: { tenantCondition: "Drained" } });
    await api.replaceStatus({ ...tenant("1"), status: { ok: true } });
    await api.remove(REF, { uid: "uid-turin" });
    const [patch, status, removal] = server.seen;
    expect(patch).toMatchObject({ method: "PATCH", url: `${PATH}/turin`, type: "application/merge-patch+json" });
    expect(status).toMatchObject({ method: "PUT", url: `${PATH}/turin/status` });
    expect(JSON.parse(status?.body ?? "")).toMatchObject({ metadata: { resourceVersion: "1" }, status: { ok: true } });
    expect(JSON.parse(removal?.body ?? "")).toMatchObject({ preconditions: { uid: "uid-turin" } });
  });

  it("reads every page of a list and says the kind of each item", async () => {
    server.script.push(answers(200, listOf([tenant("1", "a")], { continue: "next", resourceVersion: "9" })));
    server.script.push(answers(200, listOf([tenant("2", "b")])));
    const found = await api.list(TENANT, { labelSelector: "a=b" });
    expect(found.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["Tenant a", "Tenant b"]);
    expect(server.seen[1]?.url).toContain("limit=500&labelSelector=a%3Db&continue=next");
  });

  it("begins a list anew when its pages have expired", async () => {
    server.script.push(answers(200, listOf([tenant("1", "a")], { continue: "next" })));
    server.script.push(answers(410, { reason: "Expired", message: "The provided continue parameter is too old" }));
    server.script.push(answers(200, listOf([tenant("2", "b")])));
    expect((await api.list(TENANT)).map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });
});

describe("refusals", () => {
  it("tells a missing object from a missing kind", async () => {
    server.script.push(answers(404, { reason: "NotFound", message: "gone", details: { name: "turin" } }));
    server.script.push(answers(404, { reason: "NotFound", message: "gone", details: { name: "turin" } }));
    server.script.push((_request, response) => response.writeHead(404).end("404 page not found\n"));
    expect(await api.get(REF)).toBeUndefined();
    await expect(api.remove(REF)).resolves.toBeUndefined();
    await expect(api.list(TENANT)).rejects.toThrow(KubeKindMissingError);
  });

  it("says who was faster, what is forbidden and what is away", async () => {
    server.script.push(answers(409, { reason: "AlreadyExists", message: "tenants turin already exists" }));
    server.script.push(answers(403, { reason: "Forbidden", message: 'User "x" cannot create resource "tenants"' }));
    server.script.push(answers(500, { message: 'failed calling webhook "tenant.liqo.io"' }));
    server.script.push((_request, response) => response.destroy());
    await expect(api.create(tenant(""))).rejects.toThrow(KubeConflictError);
    await expect(api.create(tenant(""))).rejects.toThrow(KubeForbiddenError);
    await expect(api.create(tenant(""))).rejects.toThrow(/no answer that counts \(failed calling webhook/);
    await expect(api.create(tenant(""))).rejects.toThrow(KubeUnavailableError);
    await server.stop();
    await expect(api.get(REF)).rejects.toThrow(KubeUnavailableError);
  });

  it("reads rotated credentials when the old ones are refused", async () => {
    server.otherwise = (request, response) =>
      request.authorization === "Bearer second-token"
        ? json(response, 200, tenant("1"))
        : json(response, 401, { message: "Unauthorized" });
    await expect(api.get(REF)).rejects.toThrow(KubeUnauthenticatedError);
    await writeKubeconfig(port, "second-token");
    expect((await api.get(REF))?.metadata.name).toBe("turin");
  });
});

describe("login in a pod", () => {
  it("reads the mounted token again after a refusal", async () => {
    const mount = join(directory, "var/run/secrets/kubernetes.io/serviceaccount");
    const { mkdir } = await import("node:fs/promises");
    await mkdir(mount, { recursive: true });
    await writeFile(join(mount, "ca.crt"), "");
    await writeFile(join(mount, "token"), "old\n");
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    vi.stubEnv("KUBERNETES_SERVICE_PORT", String(port));
    const inPod = new KubeLogins({ kubeconfig: null, pathPrefix: directory });
    expect((await inPod.get()).headers["authorization"]).toBe("Bearer old");
    await writeFile(join(mount, "token"), "new\n");
    await inPod.refresh();
    const login = await inPod.get();
    expect(login.headers["authorization"]).toBe("Bearer new");
    expect(login.server.href).toBe(`https://127.0.0.1:${port}/`);
    inPod.close();
    vi.unstubAllEnvs();
  });
});

describe("watching", () => {
  it("goes on over a cut connection, 410 as status and as event, and a restart of the list", async () => {
    const told: string[] = [];
    const stop = new AbortController();
    const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
    const open =
      (...lines: string[]): Handler =>
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        for (const text of lines) response.write(text);
      };
    server.script.push(answers(200, listOf([tenant("1", "a")])));
    server.script.push(open(line("ADDED", tenant("11", "b")), line("BOOKMARK", tenant("12", ""))));
    const done = api.watch(TENANT, {}, (object, type) => told.push(`${type} ${object.metadata.name}`), stop.signal);
    await vi.waitFor(() => expect(told).toEqual(["ADDED a", "ADDED b"]));

    server.script.push(answers(200, listOf([tenant("1", "a")], { resourceVersion: "20" })));
    server.script.push(answers(410, { reason: "Expired", message: "too old resource version" }));
    server.script.push(answers(200, listOf([tenant("1", "a"), tenant("21", "c")], { resourceVersion: "30" })));
    server.script.push(open(line("ERROR", { code: 410, reason: "Expired", message: "too old" })));
    server.script.push(answers(500, { message: "etcd is away" }));
    server.script.push(answers(200, listOf([tenant("40", "a")], { resourceVersion: "40" })));
    server.script.push(open(line("DELETED", tenant("41", "a"))));
    server.cutConnections();
    await vi.waitFor(() => expect(told).toContain("DELETED a"), { timeout: 5_000 });
    expect(told).toEqual([
      ...["ADDED a", "ADDED b", "DELETED b", "MODIFIED a", "ADDED c"],
      ...["DELETED c", "MODIFIED a", "DELETED a"],
    ]);
    expect(errors.length).toBeGreaterThanOrEqual(2);
    expect(
      server.seen.filter(({ url }) => url.includes("watch=true")).map(({ url }) => url.match(/Version=(\d+)/)?.[1]),
    ).toEqual(["10", "20", "30", "40"]);

    stop.abort();
    await done;
  });
});
