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
  await waitFor(async () => at(await clusters.provider.admin.get(quota), "spec", "resources", "cpu") === "2", SLOW);
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

test("a peer that is exempt may ask for any class, and nothing else; off the list it may not any more", async () => {
  const { admin } = clusters.provider;
  const parameters = { apiVersion: "v1", kind: "ConfigMap", namespace: CONNECTOR_ACCOUNT.namespace };
  const list = { ...parameters, name: "catalog-policy-parameters" };
  const asks = (): Promise<KubeObject> => peer.create(slice("exempt", { class: "default" }));
  expect(await isRefused(asks)).toBe(true);
  await admin.patch(list, { data: { exempt: "genoa\n milan \n" } });
  const own = await waitFor(() => asks(), SLOW);
  const status = { resources: { cpu: "1000" }, conditions: [{ type: "Resources", status: "Accepted" }] };
  expect(await isRefused(() => peer.replacePart({ ...own, status }, "status")), "a status").toBe(true);
  const csr = base64(await signingRequest(liqo.consumer.installation.keys, sliceUser("x", "milan"), ["milan", "ops"]));
  const signed = slice("signed", { class: "default", consumerClusterID: "milan", csr });
  expect(await isRefused(() => peer.create(signed)), "a request with a second organisation").toBe(true);
  await admin.remove({ ...SLICE, namespace: peering.providerNamespace, name: "exempt" });
  await admin.patch(list, { data: { exempt: "genoa\nmila\nmilano" } });
  await waitFor(() => isRefused(asks), SLOW);

  const kept = await admin.get(list);
  await admin.remove(list);
  await waitFor(() => isRefused(() => peer.create(slice("unlisted", { class: "catalog" }))), {
    ...SLOW,
    what: "without its lists nothing passes",
  });
  await admin.create({ ...list, metadata: { name: list.name, namespace: list.namespace }, data: kept?.["data"] });
  const again = await waitFor(() => peer.create(slice("listed", { class: "catalog" })), SLOW);
  await peer.remove({ ...SLICE, namespace: peering.providerNamespace, name: again.metadata.name ?? "" });
});

const { namespace: OWN_NAMESPACE, name: OWN_NAME } = CONNECTOR_ACCOUNT;
const OWN_SUBJECT = { kind: "ServiceAccount", namespace: OWN_NAMESPACE, name: OWN_NAME };

function binding(where: string, changes: object = {}, name = "catalog-connector"): KubeObject {
  return {
    ...ROLE_BINDING,
    metadata: { name, namespace: where },
    subjects: [OWN_SUBJECT],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "catalog-connector-tenant" },
    ...changes,
  };
}

function namespaceOf(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

function secret(where: string, name: string, changes: object = {}): KubeObject {
  return { ...SECRET, metadata: { name, namespace: where }, type: "Opaque", ...changes };
}

test("the Connector's own account works inside its fence, and a policy refuses what leads out of it", async () => {
  const inside = "liqo-tenant-fence";
  await connector.create(namespaceOf(inside));
  await connector.create(binding(inside));
  const nonce = await waitFor(() => connector.create(secret(inside, "liqo-nonce")), SLOW);
  const tokenOf = { "kubernetes.io/service-account.name": "default" };
  const attacks: Readonly<Record<string, () => Promise<KubeObject>>> = {
    "a RoleBinding in kube-system": () => connector.create(binding("kube-system")),
    "one in its own namespace": () => connector.create(binding(OWN_NAMESPACE)),
    "one in Liqo's": () => connector.create(binding("liqo")),
    "one under another name": () => connector.create(binding(inside, {}, "grab")),
    "one for somebody else": () =>
      connector.create(binding("liqo-tenant-milan", { subjects: [OWN_SUBJECT, { ...OWN_SUBJECT, name: "default" }] })),
    "one for a user": () =>
      connector.create(
        binding("liqo-tenant-milan", {
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "milan" }],
        }),
      ),
    "a namespace of another name": () => connector.create(namespaceOf("strange")),
    "a namespace that only looks like it": () => connector.create(namespaceOf("x-liqo-tenant-x")),
    "a Secret that becomes a token": () =>
      connector.create({
        ...secret(inside, "liqo-signed-nonce", { type: "kubernetes.io/service-account-token" }),
        metadata: { name: "liqo-signed-nonce", namespace: inside, annotations: tokenOf },
      }),
    "a Secret of another name": () => connector.create(secret(inside, "mine")),
  };
  for (const [what, attack] of Object.entries(attacks)) expect(await isRefused(attack), what).toBe(true);
  for (const ref of [
    { ...namespaceOf("x"), name: "liqo" },
    { ...namespaceOf("x"), name: OWN_NAMESPACE },
    { ...ROLE_BINDING, namespace: "kube-system", name: "system::leader-locking-kube-scheduler" },
  ])
    await expect(connector.remove(ref), ref.name).rejects.toThrow("ValidatingAdmissionPolicy");
  await connector.patch(
    { ...SECRET, namespace: inside, name: nonce.metadata.name ?? "" },
    { stringData: { nonce: "x" } },
  );
  await connector.remove({ ...namespaceOf(inside), name: inside });
});

test("what no rule of the account permits is refused by RBAC: tokens, other roles, pods, policies, everybody's Secrets", async () => {
  const account = `/api/v1/namespaces/kube-system/serviceaccounts/default/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const forbidden: Readonly<Record<string, () => Promise<unknown>>> = {
    "a token of kube-system": () => connector.raw("POST", account, request),
    "Secrets of kube-system": () => connector.list(SECRET, { namespace: "kube-system" }),
    "Secrets of Liqo": () => connector.list(SECRET, { namespace: "liqo" }),
    "another Secret of Liqo": () => connector.get({ ...SECRET, namespace: "liqo", name: "other" }),
    "a token Secret in kube-system": () =>
      connector.create(secret("kube-system", "grab", { type: "kubernetes.io/service-account-token" })),
    "a stronger role bound": () =>
      connector.create(
        binding("liqo-tenant-milan", {
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        }),
      ),
    "a cluster role bound": () =>
      connector.create({ ...binding("x"), kind: "ClusterRoleBinding", metadata: { name: "grab" } }),
    "its role widened": () =>
      connector.patch(
        { ...ROLE_BINDING, kind: "ClusterRole", name: "catalog-connector-tenant" },
        { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
      ),
    "a policy removed": () =>
      connector.remove({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        name: "catalog-connector-fence",
      }),
    "the exempt list": () =>
      connector.patch(
        { apiVersion: "v1", kind: "ConfigMap", namespace: OWN_NAMESPACE, name: "catalog-policy-parameters" },
        { data: { exempt: "milan" } },
      ),
    "a pod": () =>
      connector.create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "grab", namespace: OWN_NAMESPACE },
        spec: { containers: [{ name: "grab", image: "grab" }] },
      }),
    "a node through the API server": () => connector.raw("GET", "/api/v1/nodes/any/proxy/pods"),
  };
  for (const [what, attempt] of Object.entries(forbidden)) {
    const error = await attempt().catch((thrown: unknown) => thrown);
    expect(error, what).toBeInstanceOf(KubeStatusError);
    expect(error, what).toMatchObject({ status: 403 });
  }
});
