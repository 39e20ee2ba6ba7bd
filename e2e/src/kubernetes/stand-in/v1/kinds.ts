import { createHash } from "node:crypto";
import type { KindRef, KubeObject } from "../../rig/kube-object.js";
import { at, textAt } from "../../rig/kube-object.js";

const of = (apiVersion: string, kind: string): KindRef => ({ apiVersion, kind });
export const AUTHENTICATION = "authentication.liqo.io/v1beta1";
export const NETWORKING = "networking.liqo.io/v1beta1";
export const OFFLOADING = "offloading.liqo.io/v1beta1";
export const SECRET = of("v1", "Secret");
export const NAMESPACE = of("v1", "Namespace");
export const NODE = of("v1", "Node");
export const TENANT = of(AUTHENTICATION, "Tenant");
export const IDENTITY = of(AUTHENTICATION, "Identity");
export const SLICE = of(AUTHENTICATION, "ResourceSlice");
export const RENEW = of(AUTHENTICATION, "Renew");
export const QUOTA = of(OFFLOADING, "Quota");
export const VIRTUAL_NODE = of(OFFLOADING, "VirtualNode");
export const FOREIGN_CLUSTER = of("core.liqo.io/v1beta1", "ForeignCluster");
export const ROLE_BINDING = of("rbac.authorization.k8s.io/v1", "RoleBinding");
export const CLUSTER_ROLE_BINDING = of("rbac.authorization.k8s.io/v1", "ClusterRoleBinding");

/** Labels and annotations of Liqo 1.x. */
export const LABEL = {
  remoteCluster: "liqo.io/remote-cluster-id",
  origin: "liqo.io/originID",
  destination: "liqo.io/remoteID",
  replication: "liqo.io/replication",
  replicated: "liqo.io/replicated",
  nonce: "liqo.io/nonce",
  signedNonce: "liqo.io/signed-nonce",
  tenantNamespace: "liqo.io/tenant-namespace",
  createVirtualNode: "liqo.io/create-virtual-node",
  cordon: "liqo.io/cordon",
  cordonTenant: "liqo.io/cordon-tenant",
  unreachable: "liqo.io/foreign-cluster-permanently-unreachable",
} as const;

/** What all parts of one Liqo know about it. */
export interface LiqoSettings {
  readonly clusterID: string;
  /** Where Liqo is installed. */
  readonly namespace: string;
  /** `https://…` at which peers reach this cluster's API server, and the PEM of its authority. */
  readonly apiServer: string;
  readonly ca: string;
  readonly limitsEnforcement: "Hard" | "Soft" | "None";
}

export function tenantNamespaceOf(peer: string): string {
  return `liqo-tenant-${peer}`;
}

/** The user that a slice's pods act as at the provider, and the name of its Quota. */
export function sliceUser(slice: string, consumer: string): string {
  return `${slice}-${createHash("sha256").update(consumer).digest("hex").slice(0, 12)}`;
}

export type SliceCondition = "Authentication" | "Resources";

export function sliceCondition(slice: KubeObject | undefined, type: SliceCondition): string | undefined {
  return textAt(
    conditionsOf(slice).find((condition) => textAt(condition, "type") === type),
    "status",
  );
}

/** The conditions with one of them set; the time moves only when its status does. */
export function withCondition(
  slice: KubeObject,
  type: SliceCondition,
  status: "Accepted" | "Denied",
  message: string,
): unknown[] {
  if (sliceCondition(slice, type) === status) return [...conditionsOf(slice)];
  const reason = `ResourceSlice${type}${status}`;
  const condition = { type, status, reason, message, lastTransitionTime: new Date().toISOString() };
  return [...conditionsOf(slice).filter((other) => textAt(other, "type") !== type), condition];
}

function conditionsOf(slice: KubeObject | undefined): readonly unknown[] {
  const conditions = at(slice, "status", "conditions");
  return Array.isArray(conditions) ? (conditions as unknown[]) : [];
}

export function isReplicated(slice: KubeObject): boolean {
  return slice.metadata.labels?.[LABEL.replicated] === "true";
}
