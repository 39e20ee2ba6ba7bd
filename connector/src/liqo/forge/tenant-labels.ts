import type { KubeObject } from "../kube/kube-api.js";

/** Labels by which Liqo 1.x knows whose an object is. */
export const REMOTE_CLUSTER = "liqo.io/remote-cluster-id";
export const TENANT_NAMESPACE = "liqo.io/tenant-namespace";
export const ORIGIN = "liqo.io/originID";
export const REMOTE = "liqo.io/remoteID";
export const REPLICATED = "liqo.io/replicated";
export const REPLICATION = "liqo.io/replication";
/** Annotation that keeps new pods off a slice's Quota. */
export const CORDON = "liqo.io/cordon";

/** Who keeps an object: only what carries this label with this value is ever changed or removed by a driver. */
export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const MANAGER = "the-catalog";
/** Annotation with the key fingerprint of the peer for which an object was made. */
export const PEER_FINGERPRINT = "the-catalog.io/peer";
/** Annotation that says who has cordoned a slice, so that a cordon by hand is left alone. */
export const CORDONED_BY = "the-catalog.io/cordoned";

/** Annotation that says that a Tenant was drained because the contracts ended, so that a drain by hand is left alone. */
export const DRAINED_BY = "the-catalog.io/drained";

/** Labels of everything that a driver makes for a peer. */
export function ownLabels(clusterID: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [MANAGED_BY]: MANAGER, [REMOTE_CLUSTER]: clusterID, ...more };
}

/** Whether a driver made this object. */
export function isOurs(object: KubeObject): boolean {
  return object.metadata.labels?.[MANAGED_BY] === MANAGER;
}

/** Value of a label; undefined without it. */
export function labelOf(object: KubeObject, label: string): string | undefined {
  return object.metadata.labels?.[label];
}
