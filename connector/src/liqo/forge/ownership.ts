import type { KubeObject } from "../kube/kube-api.js";

/** Label of every object that the Connector has made. Only such objects are ever removed by it; an admin may add it to hand an object over. */
export const OWNER_LABEL = "catalog.liqo/owner";
export const OWNER = "connector";
/** Selects what the Connector has made. */
export const OWNED_SELECTOR = `${OWNER_LABEL}=${OWNER}`;

/** Annotations of a ForeignCluster that Liqo made: the Connector has set that field; the value is what stood there before. */
export const OUTGOING_ANNOTATION = "catalog.liqo/outgoing";
export const INCOMING_ANNOTATION = "catalog.liqo/incoming";

/** Annotation that names the contract for which an object was made. */
export const CONTRACT_ANNOTATION = "catalog.liqo/contract";

/** Whether the Connector has made the object. */
export function isOwned(object: Pick<KubeObject, "metadata">): boolean {
  return object.metadata.labels?.[OWNER_LABEL] === OWNER;
}
