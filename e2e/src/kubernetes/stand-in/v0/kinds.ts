import { createHash } from "node:crypto";
import type { KubeClient } from "../../rig/kube-client.js";
import { at, type KindRef, type KubeObject, textAt } from "../../rig/kube-object.js";

const of = (apiVersion: string, kind: string): KindRef => ({ apiVersion, kind });
export const SECRET = of("v1", "Secret");
export const NAMESPACE = of("v1", "Namespace");
export const NODE = of("v1", "Node");
export const DEPLOYMENT = of("apps/v1", "Deployment");
export const ROLE_BINDING = of("rbac.authorization.k8s.io/v1", "RoleBinding");
export const FOREIGN_CLUSTER = of("discovery.liqo.io/v1alpha1", "ForeignCluster");
export const RESOURCE_REQUEST = of("discovery.liqo.io/v1alpha1", "ResourceRequest");
export const RESOURCE_OFFER = of("sharing.liqo.io/v1alpha1", "ResourceOffer");

/** Labels of Liqo 0.x. */
export const LABEL = {
  clusterID: "discovery.liqo.io/cluster-id",
  authToken: "discovery.liqo.io/auth-token",
  discoveryType: "discovery.liqo.io/discovery-type",
  tenantNamespace: "discovery.liqo.io/tenant-namespace",
  replication: "liqo.io/replication",
  replicated: "liqo.io/replicated",
  origin: "liqo.io/originID",
  destination: "liqo.io/remoteID",
  virtualNode: "liqo.io/type",
  remoteCluster: "liqo.io/remote-cluster-id",
} as const;

export interface ClusterIdentity {
  readonly clusterID: string;
  readonly clusterName: string;
}

/** What all parts of one Liqo know about it. */
export interface LiqoSettings extends ClusterIdentity {
  /** Where Liqo is installed. */
  readonly namespace: string;
  readonly apiServer: string;
  readonly ca: string;
  /** Whether who is neither allowed nor refused may come. */
  readonly isIncomingByDefault: boolean;
}

export type ConditionType =
  | "OutgoingPeering"
  | "IncomingPeering"
  | "NetworkStatus"
  | "APIServerStatus"
  | "AuthenticationStatus"
  | "ProcessForeignClusterStatus";

/** One condition as a controller wants it. */
export interface Condition {
  readonly status: "None" | "Pending" | "Established" | "Disconnecting" | "Error" | "Success";
  readonly reason: string;
  readonly message: string;
}
export type Conditions = Partial<Record<ConditionType, Condition>>;

export function identityOf(foreign: KubeObject): ClusterIdentity {
  return {
    clusterID: textAt(foreign, "spec", "clusterIdentity", "clusterID") ?? "",
    clusterName: textAt(foreign, "spec", "clusterIdentity", "clusterName") ?? "",
  };
}

export function conditionStatus(foreign: KubeObject | undefined, type: ConditionType): string | undefined {
  return textAt(
    conditionsOf(foreign).find((each) => textAt(each, "type") === type),
    "status",
  );
}

export function conditionsOf(foreign: KubeObject | undefined): readonly unknown[] {
  const conditions = at(foreign, "status", "peeringConditions");
  return Array.isArray(conditions) ? (conditions as unknown[]) : [];
}

/** Where this Liqo keeps what belongs to a peer; made if it is missing. */
export async function tenantNamespace(kube: KubeClient, peer: ClusterIdentity): Promise<string> {
  const labelSelector = `${LABEL.clusterID}=${peer.clusterID},${LABEL.tenantNamespace}=true`;
  const [existing] = await kube.list(NAMESPACE, { labelSelector });
  if (existing) return existing.metadata.name ?? "";
  const suffix = createHash("sha256").update(peer.clusterID).digest("hex").slice(0, 6);
  const labels = { [LABEL.clusterID]: peer.clusterID, [LABEL.tenantNamespace]: "true" };
  const name = `liqo-tenant-${peer.clusterName}-${suffix}`;
  await kube.ensure({ ...NAMESPACE, metadata: { name, labels } });
  return name;
}
