import { generateKeyPairSync, sign } from "node:crypto";
import { isNonceSignature, publicKeyOf } from "../../csr.js";
import type { KubeObject } from "../../kube/kube-api.js";
import { keyOfTenant } from "../../forge/tenant-key.js";
import { conditionOf } from "../../forge/slice-status.js";
import { fieldsOf } from "../stages.js";
import { certificateFor } from "./played-certificate.js";
import type { FakeKube } from "../../testing/fake-kube.js";

const AUTH = "authentication.liqo.io/v1beta1";
const FINALIZER = "liqo.io/played";

/** One cluster in which Liqo is played. */
export interface PlayedCluster {
  readonly id: string;
  readonly kube: FakeKube;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** A cluster with what Liqo makes at its start. */
export function playedCluster(id: string, kube: FakeKube): PlayedCluster {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  kube.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "authentication-keys", namespace: "liqo" },
    data: { privateKey: encode(pem), publicKey: encode(publicKeyOf(pem)) },
  });
  for (const name of ["pod-cidr", "external-cidr"])
    kube.put({
      apiVersion: "ipam.liqo.io/v1alpha1",
      kind: "Network",
      metadata: { name, namespace: "liqo" },
      status: { cidr: "10.0.0.0/16" },
    });
  return { id, kube, privateKey: pem, publicKey: publicKeyOf(pem) };
}

/** Plays Liqo between two clusters until it has nothing more to do. */
export function settle(clusters: readonly PlayedCluster[]): void {
  for (let round = 0; round < 50; round++) {
    let changes = 0;
    const put = (kube: FakeKube, object: KubeObject): void => void (kube.put(object), changes++);
    const drop = (kube: FakeKube, object: KubeObject): void => void (kube.drop(object), changes++);
    for (const cluster of clusters) {
      for (const object of Array.from(cluster.kube.objects.values())) {
        if (!cluster.kube.isCurrent(object)) continue;
        if (object.kind === "Secret") playSecret(cluster, object, put);
        if (object.kind === "Tenant") playTenant(cluster, object, put, drop);
        if (object.kind === "ResourceSlice") playSlice(cluster, clusters, object, put, drop);
        if (object.kind === "GatewayServer" || object.kind === "GatewayClient") playGateway(cluster, object, put);
      }
    }
    if (changes === 0) return;
  }
  throw new Error("Liqo does not come to rest");
}

type Put = (kube: FakeKube, object: KubeObject) => void;

function playSecret({ kube, privateKey }: PlayedCluster, secret: KubeObject, put: Put): void {
  const { labels = {} } = secret.metadata;
  const { nonce, signedNonce } = secret.data ?? {};
  if (labels["liqo.io/nonce"] === "true" && nonce === undefined) {
    const text = Buffer.alloc(64, Number(secret.metadata.resourceVersion)).toString("base64");
    put(kube, { ...secret, data: { nonce: encode(text) } });
  }
  if (labels["liqo.io/signed-nonce"] !== "true" || nonce === undefined) return;
  const signature = sign(null, Buffer.from(nonce, "base64"), privateKey).toString("base64");
  if (signature !== signedNonce) put(kube, { ...secret, data: { ...secret.data, signedNonce: signature } });
}

function playTenant({ kube, id }: PlayedCluster, tenant: KubeObject, put: Put, drop: Put): void {
  const { namespace = "", deletionTimestamp, finalizers = [] } = tenant.metadata;
  const spec = fieldsOf(tenant.spec);
  if (deletionTimestamp !== undefined) return drop(kube, tenant);
  if (finalizers.length === 0)
    return put(kube, { ...tenant, metadata: { ...tenant.metadata, finalizers: [FINALIZER] } });
  if (spec["tenantCondition"] === "Drained") {
    for (const slice of inside(kube, "ResourceSlice", namespace))
      if (slice.metadata.labels?.["liqo.io/replicated"] === "true") drop(kube, slice);
    return;
  }
  const { publicKey: key, signature } = spec;
  if (typeof key !== "string" || typeof signature !== "string") return; // made by hand
  const nonce = kube.peek({ apiVersion: "v1", kind: "Secret", namespace, name: "liqo-nonce" })?.data?.["nonce"] ?? "";
  if (!isNonceSignature(decode(nonce), Buffer.from(signature, "base64"), keyOfTenant(key))) {
    const event = { apiVersion: "v1", kind: "Event", metadata: { name: "bad-signature", namespace } };
    if (kube.peek({ ...event, namespace, name: "bad-signature" }) === undefined)
      put(kube, {
        ...event,
        type: "Warning",
        reason: "SignatureVerificationFailed",
        involvedObject: { kind: "Tenant", name: tenant.metadata.name },
      });
    return;
  }
  if (tenant.status === undefined)
    put(kube, {
      ...tenant,
      status: {
        tenantNamespace: namespace,
        authParams: {
          apiServer: `https://${id}.example`,
          ca: encode("-----BEGIN CERTIFICATE-----\nY2E=\n-----END CERTIFICATE-----\n"),
          signedCRT: encode(certificateFor(keyOfTenant(key), String(spec["clusterID"]))),
        },
      },
    });
}

function playSlice(
  cluster: PlayedCluster,
  clusters: readonly PlayedCluster[],
  slice: KubeObject,
  put: Put,
  drop: Put,
): void {
  const { kube } = cluster;
  const { namespace = "", labels = {}, finalizers = [], deletionTimestamp } = slice.metadata;
  if (labels["liqo.io/replicated"] === "true") {
    const isKnown = inside(kube, "Tenant", namespace).some(({ status }) => status !== undefined);
    if (isKnown && conditionOf(slice, "Authentication") === undefined)
      put(kube, {
        ...slice,
        status: {
          ...fieldsOf(slice.status),
          conditions: [
            ...((fieldsOf(slice.status)["conditions"] as object[] | undefined) ?? []),
            { type: "Authentication", status: "Accepted" },
          ],
        },
      });
    return;
  }
  const provider = clusters.find(({ id }) => id === fieldsOf(slice.spec)["providerClusterID"]);
  const identity = inside(kube, "Identity", namespace)[0];
  const remoteNamespace = String(fieldsOf(identity?.spec)["namespace"]);
  const replica = provider?.kube.peek({
    apiVersion: AUTH,
    kind: "ResourceSlice",
    namespace: remoteNamespace,
    name: slice.metadata.name,
  });
  const node = inside(kube, "VirtualNode", namespace)[0];
  if (deletionTimestamp !== undefined) {
    if (replica !== undefined && provider !== undefined) drop(provider.kube, replica);
    if (node !== undefined) drop(kube, node);
    return drop(kube, slice);
  }
  if (finalizers.length === 0) return put(kube, { ...slice, metadata: { ...slice.metadata, finalizers: [FINALIZER] } });
  const isIn =
    provider !== undefined &&
    inside(provider.kube, "Tenant", remoteNamespace).some(({ spec }) => fieldsOf(spec)["tenantCondition"] === "Active");
  if (!isIn) return;
  const spec = { ...fieldsOf(slice.spec), consumerClusterID: cluster.id };
  if (
    replica === undefined ||
    JSON.stringify(fieldsOf(replica.spec)["resources"]) !== JSON.stringify(spec["resources" as keyof typeof spec])
  )
    return put(provider.kube, {
      ...(replica ?? { apiVersion: AUTH, kind: "ResourceSlice" }),
      metadata: {
        ...replica?.metadata,
        name: slice.metadata.name,
        namespace: remoteNamespace,
        labels: {
          "liqo.io/replicated": "true",
          "liqo.io/replication": "false",
          "liqo.io/originID": cluster.id,
          "liqo.io/remote-cluster-id": cluster.id,
          "liqo.io/remoteID": provider.id,
        },
      },
      spec,
    });
  if (JSON.stringify(replica.status) !== JSON.stringify(slice.status))
    return put(kube, { ...slice, status: replica.status });
  if (conditionOf(slice, "Resources")?.status === "Accepted" && node === undefined)
    put(kube, {
      apiVersion: "offloading.liqo.io/v1beta1",
      kind: "VirtualNode",
      metadata: { name: slice.metadata.name, namespace, labels: {} },
      spec: { clusterID: provider.id },
    });
}

function playGateway({ kube }: PlayedCluster, gateway: KubeObject, put: Put): void {
  const { namespace = "", name } = gateway.metadata;
  if (gateway.status === undefined) {
    put(kube, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `gw-${name}`, namespace },
      data: { publicKey: Buffer.alloc(32, name.length).toString("base64") },
    });
    return put(kube, {
      ...gateway,
      status: {
        secretRef: { name: `gw-${name}`, namespace },
        endpoint: { addresses: ["203.0.113.9"], port: 51_840, protocol: "UDP" },
      },
    });
  }
  if (inside(kube, "Connection", namespace).length === 0 && inside(kube, "PublicKey", namespace).length > 0)
    put(kube, {
      apiVersion: "networking.liqo.io/v1beta1",
      kind: "Connection",
      metadata: { name, namespace },
      status: { value: "Connected" },
    });
}

function inside(kube: FakeKube, kind: string, namespace: string): KubeObject[] {
  return [...kube.objects.values()].filter((object) => object.kind === kind && object.metadata.namespace === namespace);
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString();
}
