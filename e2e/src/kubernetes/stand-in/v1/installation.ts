import type { KubeClient } from "../../rig/kube-client.js";
import { base64, type KubeObject } from "../../rig/kube-object.js";
import type { PolicyRule } from "../../rig/login.js";
import { removeAll, writeStatus } from "../objects.js";
import { type LiqoKeys } from "../liqo-keys.js";
import { NAMESPACE, SECRET } from "./kinds.js";
import { TENANT_ROLE, WIDE_ROLE } from "./tenant.controller.js";

const ALL_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"];
/** What Liqo's own chart lets a consumer do in its tenant namespace: its slices with their status too. */
const TENANT_RULES: readonly PolicyRule[] = [
  {
    apiGroups: ["authentication.liqo.io"],
    resources: ["resourceslices", "resourceslices/status", "renews", "renews/status"],
    verbs: ALL_VERBS,
  },
  { apiGroups: ["offloading.liqo.io"], resources: ["namespacemaps", "namespacemaps/status"], verbs: ALL_VERBS },
];
const WIDE_RULES: readonly PolicyRule[] = [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list"] }];

/** What an installed Liqo 1.x is, for whoever looks for it in the cluster. */
export interface Installation {
  readonly clusterID: string;
  readonly namespace: string;
  /** Such as `v1.2.0`. */
  readonly version: string;
  readonly keys: LiqoKeys;
  readonly podCidr: string;
  readonly externalCidr: string;
}

/** The objects that Liqo's chart and its first start leave in a cluster. */
export async function installLiqoV1(kube: KubeClient, installation: Installation): Promise<void> {
  for (const object of objectsOf(installation)) await kube.ensure(object);
  for (const network of networksOf(installation)) {
    const made = await kube.ensure(network);
    await writeStatus(kube, made, { cidr: (made["spec"] as { cidr: string }).cidr });
  }
}

/** Removes what {@link installLiqoV1} made. */
export async function uninstallLiqoV1(kube: KubeClient, installation: Installation): Promise<void> {
  await removeAll(kube, [...objectsOf(installation), ...networksOf(installation)]);
}

function objectsOf({ clusterID, namespace, version, keys }: Installation): KubeObject[] {
  const role = (name: string, rules: readonly PolicyRule[]): KubeObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: {
      name,
      labels: { "app.kubernetes.io/name": name.replace(/^liqo-/, ""), "app.kubernetes.io/part-of": "liqo" },
    },
    rules,
  });
  return [
    { ...NAMESPACE, metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "liqo-clusterid-configmap",
        namespace,
        labels: { "app.kubernetes.io/name": "clusterid-configmap", "app.kubernetes.io/part-of": "liqo" },
      },
      data: { CLUSTER_ID: clusterID },
    },
    {
      ...SECRET,
      metadata: { name: "authentication-keys", namespace },
      data: { privateKey: base64(keys.privateKey), publicKey: base64(keys.publicKey) },
    },
    controllerManager(namespace, version),
    role(TENANT_ROLE, TENANT_RULES),
    role(WIDE_ROLE, WIDE_RULES),
  ];
}

function networksOf({ namespace, podCidr, externalCidr }: Installation): KubeObject[] {
  const network = (name: string, cidr: string): KubeObject => ({
    apiVersion: "ipam.liqo.io/v1alpha1",
    kind: "Network",
    metadata: { name, namespace, labels: { "ipam.liqo.io/network-type": name } },
    spec: { cidr },
  });
  return [network("pod-cidr", podCidr), network("external-cidr", externalCidr)];
}

/** The Deployment that tells which Liqo is installed; nothing runs it here. */
export function controllerManager(namespace: string, version: string): KubeObject {
  const labels = {
    "app.kubernetes.io/name": "controller-manager",
    "app.kubernetes.io/instance": "liqo-controller-manager",
    "app.kubernetes.io/part-of": "liqo",
    "app.kubernetes.io/version": version,
  };
  const image = `ghcr.io/liqotech/liqo-controller-manager:${version}`;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "liqo-controller-manager", namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: { "app.kubernetes.io/instance": "liqo-controller-manager" } },
      template: { metadata: { labels }, spec: { containers: [{ name: "controller-manager", image }] } },
    },
  };
}
