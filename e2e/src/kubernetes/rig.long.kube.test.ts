import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { installKinds, type LiqoRelease, removeKinds } from "./fixtures/install-kinds.js";
import { startClusters, type TestClusters } from "./rig/clusters.js";
import { inventoryOf, leftOver } from "./rig/inventory.js";
import { KubeClient } from "./rig/kube-client.js";
import { KubeStatusError } from "./rig/kube-status.error.js";
import type { KubeObject } from "./rig/kube-object.js";
import { loginWith } from "./rig/login.js";

let clusters: TestClusters;
beforeAll(async () => {
  clusters = await startClusters();
});
afterAll(() => clusters?.stop());

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});
const ref = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name });

test.each<LiqoRelease>(["v0.8.1", "v0.10.3", "v1.2.0"])(
  "the kinds of Liqo %s come and go, and nothing is left",
  async (release) => {
    const { admin } = clusters.provider;
    const before = await inventoryOf(admin);
    await installKinds(admin, release);
    expect(leftOver(before, await inventoryOf(admin)).length).toBeGreaterThan(3);
    await removeKinds(admin, release);
    await waitFor(async () => leftOver(before, await inventoryOf(admin)).length === 0);
  },
);

test("an address that Liqo 0.x does not take is refused by the kind itself", async () => {
  const { admin } = clusters.consumer;
  await installKinds(admin, "v0.8.1");
  const foreign = (foreignAuthUrl: string): KubeObject => ({
    apiVersion: "discovery.liqo.io/v1alpha1",
    kind: "ForeignCluster",
    metadata: { generateName: "peer-" },
    spec: { foreignAuthUrl },
  });
  for (const url of ["https://localhost", "https://[::1]:8443", "https://liqo.internal", "https://liqo.technology"]) {
    await expect(admin.create(foreign(url)), url).rejects.toMatchObject({ status: 422, reason: "Invalid" });
  }
  for (const url of ["https://192.0.2.7:30443", "https://liqo.cloud", "https://x.svc.cluster.local"]) {
    await expect(admin.create(foreign(url)), url).resolves.toBeDefined();
  }
  await removeKinds(admin, "v0.8.1");
});

test("a login has exactly the rights it was given, and none after it is removed", async () => {
  const { provider } = clusters;
  const before = await inventoryOf(provider.admin);
  const login = await loginWith(
    provider,
    provider.admin,
    { namespace: "default", name: "reader" },
    {
      cluster: [],
      namespaces: { default: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] },
    },
  );
  const reader = await KubeClient.of(login.kubeconfig);
  await provider.admin.create(configMap("readable", { answer: "42" }));

  expect(await waitFor(() => reader.get(ref("readable")))).toMatchObject({ data: { answer: "42" } });
  await expect(reader.create(configMap("forbidden"))).rejects.toMatchObject({ status: 403, reason: "Forbidden" });
  await expect(reader.list({ apiVersion: "v1", kind: "Secret" })).rejects.toMatchObject({ status: 403 });

  await login.remove();
  await provider.admin.remove(ref("readable"));
  const isRefused = async (): Promise<boolean> => {
    const answer: unknown = await reader.get(ref("readable")).catch((error: unknown) => error);
    return answer instanceof KubeStatusError && answer.status === 401;
  };
  await waitFor(isRefused, { timeoutMs: 30_000, what: "the API server, which remembers a token for 10 s, refuses it" });
  await waitFor(async () => leftOver(before, await inventoryOf(provider.admin)).length === 0);
  reader.close();
});

test("a watch goes on over an API server that is killed, and learns what was deleted meanwhile", async ({ skip }) => {
  const { admin, server } = clusters.consumer;
  if (!server) return skip("a given cluster is not killed");
  const seen: string[] = [];
  const stop = new AbortController();
  const kind = { apiVersion: "v1", kind: "ConfigMap" };
  await admin.create(configMap("first"));
  const watching = admin.watch(
    kind,
    { namespace: "default" },
    (object, type) => seen.push(`${type} ${object.metadata.name}`),
    stop.signal,
  );
  await waitFor(() => seen.includes("ADDED first"));

  await server.killApi();
  await expect(admin.get(ref("first"))).rejects.toMatchObject({ code: expect.stringMatching(/ECONN/) as string });
  await server.startApi();
  await admin.remove(ref("first"));
  await admin.create(configMap("second"));

  await waitFor(() => seen.includes("ADDED second") && seen.includes("DELETED first"), {
    what: "the watch catches up",
  });
  stop.abort();
  await watching;
  await admin.remove(ref("second"));
});
