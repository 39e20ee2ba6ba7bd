import { createHash } from "node:crypto";
import { CatalogError } from "@catalog/schema/errors";

/** What the namespaces begin with in which Liqo keeps one peer's objects; the fence of the Connector's own account is this prefix. */
export const TENANT_PREFIX = "liqo-tenant-";

/** A cluster id as Liqo 1.x accepts it in its objects. */
const CLUSTER_ID = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Longest id: it is a label's value, a namespace's name with a prefix, and a user's name. */
const MAX_LABEL = 63;
const DIGEST = 10;

/** A peer's cluster id cannot stand in the objects of Liqo 1.x. */
export class ClusterIDUnusableError extends CatalogError {
  constructor(clusterID: string) {
    super(
      "BAD_USER_INPUT",
      `The cluster id ${JSON.stringify(clusterID.slice(0, 80))} cannot be used with Liqo 1.x: it must be 1 to ${MAX_LABEL} lower-case letters, digits and hyphens, with a letter or digit at both ends. Set another one with Liqo's value discovery.config.clusterID.`,
    );
  }
}

/** Whether the id can stand in labels, names and users of Liqo 1.x. */
export function isUsableClusterID(clusterID: string): boolean {
  return clusterID.length <= MAX_LABEL && CLUSTER_ID.test(clusterID);
}

/** @throws ClusterIDUnusableError */
export function requireUsableClusterID(clusterID: string): void {
  if (!isUsableClusterID(clusterID)) throw new ClusterIDUnusableError(clusterID);
}

/** The namespace of a peer: `liqo-tenant-<id>`; an id that is too long for it is cut, with a digest of the whole. @throws ClusterIDUnusableError */
export function tenantNamespaceOf(clusterID: string): string {
  return named(TENANT_PREFIX, clusterID, MAX_LABEL);
}

/** The slice that buys from a provider. It is also the name of the virtual node, so it differs for every provider. @throws ClusterIDUnusableError */
export function sliceNameOf(providerID: string): string {
  return named("catalog-", providerID, 50);
}

/** The identity with which a customer reaches a provider, as Liqo's own tool calls it. @throws ClusterIDUnusableError */
export function identityNameOf(providerID: string): string {
  return named("controlplane-", providerID, 253);
}

/** The user that Liqo makes for a slice, and its Quota: `<slice>-<first 6 bytes of sha256 of the customer's id, hex>`. */
export function sliceUserOf(sliceName: string, consumerID: string): string {
  return `${sliceName}-${createHash("sha256").update(consumerID).digest("hex").slice(0, 12)}`;
}

function named(prefix: string, clusterID: string, limit: number): string {
  requireUsableClusterID(clusterID);
  const name = `${prefix}${clusterID}`;
  if (name.length <= limit) return name;
  const digest = createHash("sha256").update(clusterID).digest("hex").slice(0, DIGEST);
  return `${name.slice(0, limit - DIGEST - 1).replace(/-+$/, "")}-${digest}`;
}
