import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpKubeApi } from "@catalog/connector/liqo/kube/http-kube-api";
import type { KubeObject } from "@catalog/connector/liqo/kube/kube-api";
import {
  KubeConflictError,
  KubeForbiddenError,
  KubeInvalidError,
  KubeKindMissingError,
  KubeNotFoundError,
  KubeUnauthenticatedError,
  KubeUnavailableError,
} from "@catalog/connector/liqo/kube/kube.errors";
import { KubeLogins } from "@catalog/connector/liqo/kube/kube-login";
import { HttpKubeTransport } from "@catalog/connector/liqo/kube/kube-transport";
import { Backoff } from "@catalog/server/backoff";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Disturbance, DisturbingProxy } from "./disturbing-proxy.js";
import { installKinds } from "./fixtures/install-kinds.js";
import { startCluster, type TestCluster } from "./rig/clusters.js";
import { kubeconfigText } from "./rig/kubeconfig.js";
import { type Login, loginWith } from "./rig/login.js";
import { TENANT } from "./stand-in/v1/kinds.js";

const SOON = { timeoutMs: 30_000, intervalMs: 30 };
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
const HERE = "kube-client";
const ACCOUNT = { namespace: HERE, name: "reader" };
const RULES = [
  {
    apiGroups: [""],
    resources: ["configmaps"],
    verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  },
  { apiGroups: ["authentication.liqo.io"], resources: ["tenants"], verbs: ["get", "list", "watch", "create"] },
];

let cluster: TestCluster & { stop(): Promise<void> };
let proxy: DisturbingProxy;
let folder: string;
let login: Login;
let logins: KubeLogins;
let api: HttpKubeApi;
let errors: unknown[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  proxy = await DisturbingProxy.start(cluster);
  folder = await mkdtemp(join(tmpdir(), "catalog-kube-client-"));
  await cluster.admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: HERE } });
  login = await loginWith(proxy, cluster.admin, ACCOUNT, { cluster: RULES });
  await writeFile(join(folder, "kubeconfig"), login.kubeconfig);
  [api, logins] = clientOf("kubeconfig");
});
afterEach(() => {
  proxy.disturb = () => undefined;
  errors = [];
});
afterAll(async () => {
  logins?.close();
  await proxy?.stop();
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The Connector's client with the login in that file, through the proxy. */
function clientOf(file: string, timeoutMs?: number): [HttpKubeApi, KubeLogins] {
  const made = new KubeLogins({ kubeconfig: join(folder, file) });
  const onWatchError = (error: unknown): void => void errors.push(error);
  const options = { onWatchError, watch: { backoff: new Backoff(20, 100) } };
  return [new HttpKubeApi(new HttpKubeTransport(made, timeoutMs), options), made];
}

const refOf = (name: string) => ({ ...CONFIG_MAP, namespace: HERE, name });
const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  ...CONFIG_MAP,
  metadata: { name, namespace: HERE },
  data,
});

/** Watches ConfigMaps while `work` runs; tells what was told as `TYPE name value`. */
async function watching(work: (told: readonly string[]) => Promise<void>): Promise<void> {
  const told: string[] = [];
  const stopping = new AbortController();
  const running = api.watch(
    CONFIG_MAP,
    { namespace: HERE },
    ({ metadata, data }, type) => told.push(`${type} ${metadata.name} ${data?.["value"] ?? ""}`.trim()),
    stopping.signal,
  );
  try {
    await waitFor(() => told.some((line) => line.includes("kube-root-ca.crt")), SOON);
    await work(told);
  } finally {
    stopping.abort();
    await running;
  }
}

const put = (name: string, value: string) => cluster.admin.create(configMap(name, { value }));
const once = (disturbance: Disturbance, isMeant: (url: string) => boolean): void => {
  let isDone = false;
  proxy.disturb = ({ url }) => {
    if (isDone || !isMeant(url)) return undefined;
    isDone = true;
    return disturbance;
  };
};

test("whoever writes second is told so, and nothing of it is written", async () => {
  const first = await api.create(configMap("shared", { value: "1" }));
  await expect(api.create(configMap("shared"))).rejects.toThrow(KubeConflictError);
  await api.replace({ ...first, data: { value: "2" } });
  await expect(api.replace({ ...first, data: { value: "3" } })).rejects.toThrow(/somebody else was faster/);
  await expect(api.remove(refOf("shared"), { uid: "00000000-0000-4000-8000-000000000000" })).rejects.toThrow(
    KubeConflictError,
  );
  expect((await api.get(refOf("shared")))?.data).toEqual({ value: "2" });
});

test("what somebody else removed is missing, and its removal a success", async () => {
  await cluster.admin.remove(refOf("shared"));
  expect(await api.get(refOf("shared"))).toBeUndefined();
  await expect(api.mergePatch(refOf("shared"), { data: { value: "4" } })).rejects.toThrow(KubeNotFoundError);
  await api.remove(refOf("shared"));
});

test("a watch that is broken goes on, and what happened meanwhile is told, removals too", async () => {
  await put("cut", "1");
  await watching(async (told) => {
    await waitFor(() => told.includes("ADDED cut 1"), SOON);
    proxy.disturb = ({ url }) => (url.includes("/configmaps") ? { do: "reset" } : undefined);
    proxy.cut();
    await waitFor(() => errors.length > 1, SOON);
    await cluster.admin.remove(refOf("cut"));
    await put("cut-2", "2");
    proxy.disturb = () => undefined;
    await waitFor(() => told.includes("DELETED cut 1") && told.includes("ADDED cut-2 2"), SOON);
  });
  expect(errors.every((error) => error instanceof KubeUnavailableError)).toBe(true);
});

test("a version that the server has forgotten is no error: everything is read again", async () => {
  const gone = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version: 1 (99)" };
  const answers = [
    { do: "answer", status: 410, body: JSON.stringify(gone) },
    { do: "answer", status: 200, body: JSON.stringify({ type: "ERROR", object: gone }) },
  ] as const;
  let watches = 0;
  proxy.disturb = ({ url }) => (url.includes("watch=true") ? answers[watches++] : undefined);
  await watching(async (told) => {
    await waitFor(() => watches > answers.length, { ...SOON, what: "another watch" });
    await put("after-gone", "1");
    await waitFor(() => told.includes("ADDED after-gone 1"), SOON);
    expect(told.filter((line) => line === "ADDED after-gone 1")).toHaveLength(1);
  });
  expect(errors).toEqual([]);
});

test("the API server restarts: calls say that it is away, and the watch goes on afterwards", async ({ skip }) => {
  const { server } = cluster;
  if (server === undefined) return skip("the cluster was given and must not be harmed");
  await watching(async (told) => {
    await server.killApi();
    await expect(api.get(refOf("x"))).rejects.toThrow(/no answer that counts/);
    await server.startApi();
    await put("after-restart", "1");
    await waitFor(() => told.includes("ADDED after-restart 1"), SOON);
  });
});

test("a token that was exchanged in the kubeconfig, or in the file that it names, is used at the next call", async () => {
  const account = { namespace: HERE, name: "rotating" };
  const rights = { cluster: RULES };
  const tokenOf = ({ kubeconfig }: Login): string =>
    (JSON.parse(kubeconfig) as { users: [{ user: { token: string } }] }).users[0].user.token;
  let rotating = await loginWith(proxy, cluster.admin, account, rights);
  await writeFile(join(folder, "rotating"), rotating.kubeconfig);
  const byFile = JSON.parse(rotating.kubeconfig) as { users: unknown };
  await writeFile(join(folder, "token"), `${tokenOf(rotating)}\n`);
  byFile.users = [{ name: "user", user: { tokenFile: "token" } }];
  await writeFile(join(folder, "rotating-file"), JSON.stringify(byFile));
  const clients = ["rotating", "rotating-file"].map((file) => clientOf(file));
  for (const [client] of clients) await client.list(CONFIG_MAP, { namespace: HERE });

  await rotating.remove();
  for (const [client] of clients)
    await waitFor(
      () =>
        client.list(CONFIG_MAP, { namespace: HERE }).then(
          () => false,
          (error: unknown) => error instanceof KubeUnauthenticatedError,
        ),
      SOON,
    );
  rotating = await loginWith(proxy, cluster.admin, account, rights);
  await writeFile(join(folder, "rotating"), rotating.kubeconfig);
  await writeFile(join(folder, "token"), tokenOf(rotating));
  for (const [client, loaded] of clients) {
    expect((await client.list(CONFIG_MAP, { namespace: HERE })).length).toBeGreaterThan(0);
    loaded.close();
  }
  await rotating.remove();
});

test("a token by a program is asked for again when it is not accepted any more", async () => {
  const account = { namespace: HERE, name: "by-program" };
  let made = await loginWith(proxy, cluster.admin, account, { cluster: RULES });
  const save = async (): Promise<void> => {
    const { users } = JSON.parse(made.kubeconfig) as { users: [{ user: { token: string } }] };
    const status = { token: users[0].user.token };
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
    await writeFile(join(folder, "credential"), JSON.stringify(credential));
  };
  await save();
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "cat",
    args: [join(folder, "credential")],
    interactiveMode: "Never",
  };
  const config = { ...(JSON.parse(made.kubeconfig) as object), users: [{ name: "user", user: { exec } }] };
  await writeFile(join(folder, "by-program"), JSON.stringify(config));
  const [client, loaded] = clientOf("by-program");
  await client.list(CONFIG_MAP, { namespace: HERE });
  await made.remove();
  made = await loginWith(proxy, cluster.admin, account, { cluster: RULES });
  await save();
  expect((await client.list(CONFIG_MAP, { namespace: HERE })).length).toBeGreaterThan(0);
  loaded.close();
  await made.remove();
});

test("another authority of the server: told in one sentence, and accepted once the kubeconfig names it", async () => {
  const before = await api.list(CONFIG_MAP, { namespace: HERE });
  await proxy.renewAuthority();
  proxy.cut();
  await expect(api.list(CONFIG_MAP, { namespace: HERE })).rejects.toThrow(KubeUnavailableError);
  const { users } = JSON.parse(login.kubeconfig) as { users: [{ user: { token: string } }] };
  const renewed = kubeconfigText({ server: proxy.url, ca: proxy.ca, user: users[0].user });
  await writeFile(join(folder, "kubeconfig"), renewed);
  expect(await api.list(CONFIG_MAP, { namespace: HERE })).toHaveLength(before.length);
});

test("a kind that is not installed yet is told, and its objects are seen once it is", async () => {
  await expect(api.list(TENANT)).rejects.toThrow(KubeKindMissingError);
  const told: string[] = [];
  const stopping = new AbortController();
  const running = api.watch(TENANT, {}, ({ metadata }) => told.push(metadata.name), stopping.signal);
  await waitFor(() => errors.some((error) => error instanceof KubeKindMissingError), SOON);
  await installKinds(cluster.admin, "v1.2.0");
  const tenant = { ...TENANT, metadata: { name: "milan", namespace: HERE }, spec: { clusterID: "milan" } };
  await waitFor(() => cluster.admin.create(tenant), SOON);
  await waitFor(() => told.includes("milan"), SOON);
  stopping.abort();
  await running;
});

test("a missing permission names verb, kind and place, and what to do; what the kind refuses is another thing", async () => {
  const calls: readonly (readonly [() => Promise<unknown>, string])[] = [
    [
      () => api.get({ apiVersion: "v1", kind: "Secret", namespace: HERE, name: "x" }),
      '"get" on "secrets" in namespace kube-client',
    ],
    [() => api.list({ apiVersion: "v1", kind: "Node" }), '"list" on "nodes" in the whole cluster'],
    [() => api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "x" } }), '"create" on "namespaces"'],
    [
      () => api.mergePatch({ ...TENANT, namespace: HERE, name: "milan" }, {}),
      '"patch" on "tenants.authentication.liqo.io"',
    ],
    [() => api.remove({ ...TENANT, namespace: HERE, name: "milan" }), '"delete" on "tenants.authentication.liqo.io"'],
  ];
  for (const [call, told] of calls) {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeForbiddenError);
    expect((error as KubeForbiddenError).whatToDo).toContain(told);
  }
  const bad = {
    ...TENANT,
    metadata: { name: "bad", namespace: HERE },
    spec: { clusterID: "milan", tenantCondition: "Ill" },
  };
  await expect(api.create(bad)).rejects.toThrow(KubeInvalidError);
});

test("answers that are slow, cut off or garbage are errors that pass, and the next call works", async () => {
  const [hasty, loaded] = clientOf("kubeconfig", 300);
  proxy.disturb = () => ({ do: "hang" });
  await expect(hasty.get(refOf("x"))).rejects.toThrow(/no answer within 0\.3 s/);
  loaded.close();
  const isList = (url: string): boolean => url.includes("/configmaps");
  const answers: readonly (readonly [number, string])[] = [
    [200, "<html>It works!</html>"],
    [200, "{"],
    [200, "[]"],
    [200, "null"],
    [200, '{"items":"none"}'],
    [200, '{"items":[null]}'],
    [200, '{"items":[7],"metadata":null}'],
    [200, "7"],
    [500, ""],
    [502, "<html>Bad Gateway</html>"],
    [503, '{"kind":"Status","reason":"ServiceUnavailable","message":7}'],
    [504, '{"kind":"Status","details":"?"}'],
    [429, "slow down"],
  ];
  for (const [status, body] of answers) {
    for (const call of [() => api.list(CONFIG_MAP, { namespace: HERE }), () => api.create(configMap("garbage"))]) {
      once({ do: "answer", status, body }, isList);
      await expect(call(), `${status} ${body}`).rejects.toThrow(KubeUnavailableError);
    }
  }
  for (const reset of [() => api.create(configMap("reset")), () => api.mergePatch(refOf("after-gone"), {})]) {
    once({ do: "reset" }, isList);
    await expect(reset()).rejects.toThrow(KubeUnavailableError);
  }
  expect(await api.get(refOf("garbage"))).toBeUndefined();
});

test("a watch that speaks garbage, ends at once or answers an error is begun again", async () => {
  const lines = [
    "not json",
    "null",
    '{"type":"ADDED","object":{"metadata":null}}',
    '{"type":"ADDED"}',
    '{"type":"ERROR","object":{"code":410}}',
    '{"type":"ERROR"}',
    "",
  ];
  const waiting = [...lines.map((body) => [200, body] as const), [500, "{}"] as const, [403, "{}"] as const];
  proxy.disturb = ({ url }) => {
    if (!url.includes("watch=true")) return undefined;
    const next = waiting.shift();
    return next === undefined ? undefined : { do: "answer", status: next[0], body: next[1] };
  };
  await watching(async (told) => {
    await waitFor(() => waiting.length === 0, SOON);
    await put("after-garbage", "1");
    await waitFor(() => told.includes("ADDED after-garbage 1"), SOON);
  });
});
