import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { installKinds } from "./fixtures/install-kinds.js";
import { startClusters, type TestClusters } from "./rig/clusters.js";
import { type Inventory, inventoryOf, isLeftByLiqo, leftOver } from "./rig/inventory.js";
import { KubeClient } from "./rig/kube-client.js";
import { at, base64, type KubeObject, secretText, textAt } from "./rig/kube-object.js";
import { newLiqoKeys, signingRequest } from "./stand-in/liqo-keys.js";
import { HandMadePeering } from "./stand-in/v1/hand.js";
import { LABEL, NODE, QUOTA, SECRET, SLICE, sliceCondition, sliceUser, TENANT } from "./stand-in/v1/kinds.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";

const SLOW = { timeoutMs: 30_000 };
const ASKED = { cpu: "2", memory: "4Gi", pods: "10" };

let clusters: TestClusters;
let liqo: { provider: LiqoV1; consumer: LiqoV1 };
let before: { provider: Inventory; consumer: Inventory };
let peering: HandMadePeering;

beforeAll(async () => {
  clusters = await startClusters();
  await Promise.all([clusters.provider, clusters.consumer].map(({ admin }) => installKinds(admin, "v1.2.0")));
  liqo = {
    provider: await LiqoV1.install(clusters.provider, { clusterID: "rome" }),
    consumer: await LiqoV1.install(clusters.consumer, { clusterID: "milan" }),
  };
  before = {
    provider: await inventoryOf(clusters.provider.admin, isLeftByLiqo),
    consumer: await inventoryOf(clusters.consumer.admin, isLeftByLiqo),
  };
});
afterAll(async () => {
  await Promise.all([liqo?.provider.stop(), liqo?.consumer.stop()]);
  await clusters?.stop();
});

beforeEach(() => {
  peering = new HandMadePeering(
    { admin: clusters.provider.admin, clusterID: "rome" },
    { admin: clusters.consumer.admin, clusterID: "milan" },
    liqo.consumer.installation.keys,
  );
});

afterEach(async () => {
  await peering.takeDown();
  await waitFor(async () => {
    const left = [
      ...leftOver(before.provider, await inventoryOf(clusters.provider.admin, isLeftByLiqo)),
      ...leftOver(before.consumer, await inventoryOf(clusters.consumer.admin, isLeftByLiqo)),
    ];
    if (left.length > 0) throw new Error(`left over: ${left.join(", ")}`);
    return true;
  }, SLOW);
});

/** What a class controller does: reads, changes, writes with the resourceVersion it read. */
async function grant(name: string, resources: Readonly<Record<string, string>>): Promise<void> {
  await waitFor(async () => {
    const copy = await peering.copy(name);
    if (!copy || sliceCondition(copy, "Authentication") !== "Accepted") return false;
    const others = (at(copy, "status", "conditions") as { type: string }[]).filter(({ type }) => type !== "Resources");
    const accepted = {
      type: "Resources",
      status: "Accepted",
      reason: "ResourceSliceResourcesAccepted",
      message: "sold",
      lastTransitionTime: new Date().toISOString(),
    };
    const status = { ...(copy["status"] as object), resources, conditions: [...others, accepted] };
    await clusters.provider.admin.replacePart({ ...copy, status }, "status");
    return true;
  }, SLOW);
}

const quota = (slice: string): Promise<KubeObject | undefined> =>
  clusters.provider.admin.get({ ...QUOTA, namespace: peering.providerNamespace, name: sliceUser(slice, "milan") });
const node = (name: string): Promise<KubeObject | undefined> => clusters.consumer.admin.get({ ...NODE, name });
const eventReasons = async (): Promise<string[]> => {
  const events = await clusters.provider.admin.list(
    { apiVersion: "v1", kind: "Event" },
    { namespace: peering.providerNamespace },
  );
  return events.map((event) => textAt(event, "reason") ?? "");
};

test("a whole peering by hand: nonce, Tenant, Identity, slice, Quota, node; shrunk, and taken down without a rest", async () => {
  await peering.peer();
  await peering.createSlice("bought", "catalog", ASKED);
  await waitFor(async () => sliceCondition(await peering.copy("bought"), "Authentication") === "Accepted", SLOW);
  expect(await peering.copy("bought")).toMatchObject({
    metadata: { labels: { [LABEL.origin]: "milan", [LABEL.remoteCluster]: "milan", [LABEL.replicated]: "true" } },
    spec: { consumerClusterID: "milan", providerClusterID: "rome", class: "catalog" },
  });
  expect(await quota("bought")).toBeUndefined();

  await grant("bought", ASKED);
  await waitFor(async () => at(await node("bought"), "status", "allocatable", "cpu") === "2", SLOW);
  expect(await quota("bought")).toMatchObject({ spec: { user: sliceUser("bought", "milan"), resources: ASKED } });
  expect((await node("bought"))?.metadata.labels).toMatchObject({
    "liqo.io/type": "virtual-node",
    [LABEL.remoteCluster]: "rome",
  });

  await grant("bought", { cpu: "0", memory: "0", pods: "0" });
  await waitFor(async () => at(await node("bought"), "status", "allocatable", "cpu") === "0", SLOW);
  expect(await quota("bought")).toMatchObject({ spec: { resources: { cpu: "0" } } });
});

test("the consumer's certificate is a real one: it may write its slices and their status, and read nothing else", async () => {
  await peering.peer();
  const name = "kubeconfig-controlplane-rome";
  const ref = { ...SECRET, namespace: peering.consumerNamespace, name };
  const kubeconfig = await waitFor(async () => secretText(await clusters.consumer.admin.get(ref), "kubeconfig"), SLOW);
  const consumer = await KubeClient.of(kubeconfig);
  const namespace = peering.providerNamespace;
  const own = await waitFor(
    () => consumer.create({ ...SLICE, metadata: { name: "own", namespace }, spec: { class: "default" } }),
    SLOW,
  );
  await consumer.replacePart({ ...own, status: { resources: { cpu: "1000" } } }, "status");
  await expect(consumer.list(SECRET, { namespace })).rejects.toMatchObject({ status: 403 });
  await expect(consumer.list(SLICE)).rejects.toMatchObject({ status: 403 });

  await peering.takeDownAtProvider();
  await expect(consumer.list(SLICE, { namespace })).rejects.toMatchObject({ status: 403 });
  consumer.close();
});

test("a class of Liqo's own is granted in full, whatever is asked", async () => {
  await peering.peer();
  await peering.createSlice("greedy", "default", { cpu: "100000", memory: "1Pi" });
  await waitFor(async () => at(await quota("greedy"), "spec", "resources", "cpu") === "100000", SLOW);
});

test("a wrong signature and a foreign key show as Events only, and the right ones heal them", async () => {
  const parts = await peering.tenantParts(await peering.signedNonce());
  await peering.createTenant({ ...parts, signature: base64("no signature") });
  await waitFor(async () => (await eventReasons()).includes("SignatureVerificationFailed"), SLOW);
  const stranger = await signingRequest(newLiqoKeys(), "milan", ["liqo.io"]);
  const tenant = { ...TENANT, namespace: peering.providerNamespace, name: "milan" };
  await clusters.provider.admin.patch(tenant, { spec: { signature: parts.signature, csr: base64(stranger) } });
  await waitFor(async () => (await eventReasons()).includes("InvalidCSR"), SLOW);
  expect(at(await peering.tenant(), "status", "authParams")).toBeUndefined();

  await clusters.provider.admin.patch(tenant, { spec: { csr: parts.csr } });
  await waitFor(async () => at(await peering.tenant(), "status", "authParams", "signedCRT") !== undefined, SLOW);
});

test("other bytes of the same request are refused until the stored certificate is deleted", async () => {
  const parts = await peering.tenantParts(await peering.signedNonce());
  await peering.createTenant(parts);
  await waitFor(async () => at(await peering.tenant(), "status", "authParams") !== undefined, SLOW);
  const tenant = { ...TENANT, namespace: peering.providerNamespace, name: "milan" };
  const other = Buffer.concat([Buffer.from(parts.csr, "base64"), Buffer.from("\n")]);
  await clusters.provider.admin.patch(tenant, { spec: { csr: base64(other) } });
  await waitFor(async () => (await eventReasons()).includes("AuthParamsFailed"), SLOW);
  const stored = { ...SECRET, namespace: peering.providerNamespace, name: "liqo-remote-certificate" };
  const certificate = secretText(await clusters.provider.admin.get(stored), "certificate");
  await clusters.provider.admin.remove(stored);
  await waitFor(async () => {
    const now = secretText(await clusters.provider.admin.get(stored), "certificate");
    return now !== undefined && now !== certificate;
  }, SLOW);
});

test("Liqo's own hole: a request with a second organisation is signed, and its holder has that group", async () => {
  const parts = await peering.tenantParts(await peering.signedNonce());
  const two = await signingRequest(liqo.consumer.installation.keys, "milan", ["liqo.io", "cluster-operators"]);
  await peering.createTenant({ ...parts, csr: base64(two) });
  await peering.createIdentity();
  const ref = { ...SECRET, namespace: peering.consumerNamespace, name: "kubeconfig-controlplane-rome" };
  const kubeconfig = await waitFor(async () => secretText(await clusters.consumer.admin.get(ref), "kubeconfig"), SLOW);
  const consumer = await KubeClient.of(kubeconfig);
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
  const groups = at(await consumer.create(review), "status", "userInfo", "groups");
  expect(groups).toEqual(expect.arrayContaining(["liqo.io", "cluster-operators"]));
  consumer.close();
});

test("a cordoned tenant gets nothing new; a drained one loses its slices, Quotas and rights, and stays without until it acts", async () => {
  await peering.peer();
  await peering.createSlice("old", "default", ASKED);
  await waitFor(async () => (await quota("old")) !== undefined, SLOW);
  const tenant = { ...TENANT, namespace: peering.providerNamespace, name: "milan" };
  await clusters.provider.admin.patch(tenant, { spec: { tenantCondition: "Cordoned" } });
  await waitFor(async () => at(await quota("old"), "spec", "cordoned") === true, SLOW);
  await peering.createSlice("new", "default", ASKED);
  await waitFor(async () => sliceCondition(await peering.copy("new"), "Resources") === "Denied", SLOW);

  await clusters.provider.admin.patch(tenant, { spec: { tenantCondition: "Drained" } });
  await waitFor(async () => (await clusters.provider.admin.list(SLICE)).length === 0, SLOW);
  await waitFor(async () => (await clusters.provider.admin.list(QUOTA)).length === 0, SLOW);
  expect(await peering.slice("old")).toBeDefined();

  await clusters.provider.admin.patch(tenant, { spec: { tenantCondition: "Active" } });
  const touch = { metadata: { annotations: { touched: "true" } } };
  await clusters.consumer.admin.patch({ ...SLICE, namespace: peering.consumerNamespace, name: "old" }, touch);
  await waitFor(async () => (await peering.copy("old")) !== undefined, SLOW);
  expect(await peering.copy("new")).toBeUndefined();
});

test("slow, failing and restarted, Liqo still ends where it should", async () => {
  liqo.provider.disturbance.delayMs = 150;
  liqo.provider.disturbance.fail("tenant");
  const peered = peering.peer();
  await waitFor(() => liqo.provider.failures.some(({ controller }) => controller === "tenant"), SLOW);
  liqo.provider.disturbance.heal("tenant");
  await liqo.provider.restart();
  await peered;
  liqo.provider.disturbance.delayMs = 0;
  await liqo.consumer.restart();
  await peering.createSlice("late", "default", ASKED);
  await waitFor(async () => (await node("late")) !== undefined, SLOW);
});

test("with the provider's API away a deleted slice hangs, and goes when the provider is back", async ({ skip }) => {
  const { server } = clusters.provider;
  if (!server) return skip("a given cluster is not killed");
  await peering.peer();
  await peering.createSlice("hanging", "default", ASKED);
  await waitFor(async () => (await quota("hanging")) !== undefined, SLOW);
  await server.killApi();
  await clusters.consumer.admin.remove({ ...SLICE, namespace: peering.consumerNamespace, name: "hanging" });
  const failuresThen = liqo.consumer.failures.length;
  await waitFor(
    () => liqo.consumer.failures.slice(failuresThen).some(({ controller }) => controller === "replicator"),
    SLOW,
  );
  expect(await peering.slice("hanging")).toBeDefined();
  await server.startApi();
  await waitFor(async () => (await peering.slice("hanging")) === undefined, SLOW);
});
