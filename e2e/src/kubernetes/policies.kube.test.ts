import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { installKinds } from "./fixtures/install-kinds.js";
import { startClusters, type TestClusters } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, installConnectorAccount } from "./rig/connector-account.js";
import { KubeClient } from "./rig/kube-client.js";
import { KubeStatusError } from "./rig/kube-status.error.js";
import { at, base64, type KubeObject, secretText } from "./rig/kube-object.js";
import { signingRequest } from "./stand-in/liqo-keys.js";
import { HandMadePeering } from "./stand-in/v1/hand.js";
import { LABEL, QUOTA, ROLE_BINDING, SECRET, SLICE, sliceCondition, sliceUser } from "./stand-in/v1/kinds.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";

const SLOW = { timeoutMs: 30_000 };
const ASKED = { cpu: "2", memory: "4Gi", pods: "10" };

let clusters: TestClusters;
let liqo: { provider: LiqoV1; consumer: LiqoV1 };
let peering: HandMadePeering;
/** The consumer at the provider, with the certificate that Liqo gave it. */
let peer: KubeClient;
/** The seller's Connector. */
let connector: KubeClient;

beforeAll(async () => {
  clusters = await startClusters();
  const { provider, consumer } = clusters;
  await Promise.all([provider, consumer].map(({ admin }) => installKinds(admin, "v1.2.0")));
  liqo = {
    provider: await LiqoV1.install(provider, { clusterID: "rome" }),
    consumer: await LiqoV1.install(consumer, { clusterID: "milan" }),
  };
  connector = await KubeClient.of(await installConnectorAccount(provider, "v1"));
  const keys = liqo.consumer.installation.keys;
  peering = new HandMadePeering(
    { admin: provider.admin, clusterID: "rome" },
    { admin: consumer.admin, clusterID: "milan" },
    keys,
  );
  await peering.peer();
  const identity = { ...SECRET, namespace: peering.consumerNamespace, name: "kubeconfig-controlplane-rome" };
  peer = await KubeClient.of(
    await waitFor(async () => secretText(await consumer.admin.get(identity), "kubeconfig"), SLOW),
  );
  await waitFor(() => isRefused(() => peer.create(slice("early", { class: "default" }))), {
    ...SLOW,
    what: "the policies hold",
  });
});
afterAll(async () => {
  peer?.close();
  connector?.close();
  await Promise.all([liqo?.provider.stop(), liqo?.consumer.stop()]);
  await clusters?.stop();
});

const OWN_LABELS = { [LABEL.replicated]: "true", [LABEL.origin]: "milan", [LABEL.remoteCluster]: "milan" };

/** A slice as the consumer could write it at the provider itself. */
function slice(name: string, spec: object, labels: Readonly<Record<string, string>> = OWN_LABELS): KubeObject {
  return { ...SLICE, metadata: { name, namespace: peering.providerNamespace, labels }, spec };
}

/** Whether a call is refused by a policy, and not by RBAC or for what it says. What it made by mistake is removed. */
async function isRefused(call: () => Promise<KubeObject>): Promise<boolean> {
  try {
    const made = await call();
    await clusters.provider.admin.remove({
      ...made,
      namespace: made.metadata.namespace,
      name: made.metadata.name ?? "",
    });
    return false;
  } catch (error) {
    return error instanceof KubeStatusError && error.message.includes("ValidatingAdmissionPolicy");
  }
}

test("Liqo works under the policies: slice, authentication, Quota, status back, deletion", async () => {
  await peering.createSlice("bought", "catalog", ASKED);
  const copy = await waitFor(async () => {
    const found = await peering.copy("bought");
    return sliceCondition(found, "Authentication") === "Accepted" ? found : undefined;
  }, SLOW);
  const accepted = { type: "Resources", status: "Accepted", reason: "ResourceSliceResourcesAccepted" };
  const conditions = [...(at(copy, "status", "conditions") as object[]), accepted];
  await connector.replacePart(
    { ...copy, status: { ...(copy["status"] as object), resources: ASKED, conditions } },
    "status",
  );
  const quota = { ...QUOTA, namespace: peering.providerNamespace, name: sliceUser("bought", "milan") };
  await waitFor(async () => at(await connector.get(quota), "spec", "resources", "cpu") === "2", SLOW);
  await waitFor(async () => sliceCondition(await peering.slice("bought"), "Resources") === "Accepted", SLOW);

  await clusters.consumer.admin.remove({ ...SLICE, namespace: peering.consumerNamespace, name: "bought" });
  await waitFor(async () => (await peering.slice("bought")) === undefined, SLOW);
  expect(await peering.copy("bought")).toBeUndefined();
});

test("a class of Liqo's own never arrives", async () => {
  await peering.createSlice("greedy", "default", { cpu: "1000" });
  const isToldOf = (): boolean => liqo.consumer.failures.some(({ message }) => message.includes("catalog-slice-class"));
  await waitFor(isToldOf, SLOW);
  expect(await peering.copy("greedy")).toBeUndefined();
  await clusters.consumer.admin.remove({ ...SLICE, namespace: peering.consumerNamespace, name: "greedy" });
  await waitFor(async () => (await peering.slice("greedy")) === undefined, SLOW);
});

test("the consumer cannot write a status, another class, another's name, or a slice without its labels", async () => {
  const own = await peer.create(slice("own", { class: "catalog", resources: ASKED }));
  const status = { resources: { cpu: "1000" }, conditions: [{ type: "Resources", status: "Accepted" }] };
  const attempts: Record<string, () => Promise<KubeObject>> = {
    status: () => peer.replacePart({ ...own, status }, "status"),
    "no class": () => peer.create(slice("bare", {})),
    "another class": () => peer.create(slice("other", { class: "default" })),
    "class changed": () => peer.replace({ ...own, spec: { class: "default" } }),
    "another consumer": () => peer.create(slice("foreign", { class: "catalog", consumerClusterID: "genoa" })),
    "no labels": () => peer.create(slice("naked", { class: "catalog" }, {})),
    "labels shed": () => peer.replace({ ...own, metadata: { ...own.metadata, labels: {} } }),
    "another's labels": () =>
      peer.create(slice("masked", { class: "catalog" }, { ...OWN_LABELS, [LABEL.origin]: "genoa" })),
  };
  for (const [what, attempt] of Object.entries(attempts)) expect(await isRefused(attempt), what).toBe(true);
  await peer.remove({ ...SLICE, namespace: peering.providerNamespace, name: "own" });
});

test("a slice's certificate request with a second organisation is refused, Liqo's own is taken", async () => {
  const request = (organizations: readonly string[]): Promise<string> =>
    signingRequest(liqo.consumer.installation.keys, sliceUser("signed", "milan"), organizations);
  const withRequest = async (organizations: readonly string[]): Promise<KubeObject> =>
    slice("signed", { class: "catalog", consumerClusterID: "milan", csr: base64(await request(organizations)) });
  const two = await withRequest(["milan", "operators"]);
  expect(await isRefused(() => peer.create(two))).toBe(true);
  await peer.create(await withRequest(["milan"]));
  await peer.remove({ ...SLICE, namespace: peering.providerNamespace, name: "signed" });
});

test("the Connector's own account cannot leave its fence", async () => {
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "catalog-connector-tenant" };
  const { namespace, name } = CONNECTOR_ACCOUNT;
  const binding = (where: string): KubeObject => ({
    ...ROLE_BINDING,
    metadata: { name: "grab", namespace: where },
    subjects: [{ kind: "ServiceAccount", namespace, name }],
    roleRef: role,
  });
  const inKubeSystem = await isRefused(() => connector.create(binding("kube-system")));
  expect(inKubeSystem, "a RoleBinding in kube-system").toBe(true);
  const strange: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "strange" } };
  expect(await isRefused(() => connector.create(strange)), "a namespace of another name").toBe(true);
  const secrets = { apiVersion: "v1", kind: "Secret" };
  await expect(connector.list(secrets, { namespace: "kube-system" })).rejects.toMatchObject({ status: 403 });
});
