import { isReady } from "../forge/auth-address.js";
import { REMOTE_CLUSTER_LABEL } from "../forge/namespace-offloading.js";
import type { KubeApi } from "../kube/kube-api.js";
import { KubeForbiddenError } from "../kube/kube.errors.js";
import { fieldsOf } from "./stages.js";

const OFFLOADING = "offloading.liqo.io/v1beta1";
const READY = "Ready";

/** The node that Liqo makes of a purchase. */
export interface BoughtNode {
  readonly isReady: boolean;
  /** What Liqo's ForeignCluster says of all nodes of that provider together; undefined where it says nothing. */
  readonly says: string | undefined;
}

/** Where nothing was looked at. */
export const NO_NODE: BoughtNode = { isReady: false, says: undefined };

/**
 * Looks where the node of the slice of that name stands. Liqo's own word counts, but it speaks of all nodes of the provider, also of those that
 * the admin made by hand: where it does not say ready, the node of the slice itself is looked at.
 */
export async function viewBoughtNode(
  kube: KubeApi,
  { clusterID, namespace, slice }: { clusterID: string; namespace: string; slice: string },
): Promise<BoughtNode> {
  const says = await nodeStatus(kube, clusterID);
  if (says === READY) return { isReady: true, says };
  const nodes = await kube.list({ apiVersion: OFFLOADING, kind: "VirtualNode" }, { namespace });
  if (!nodes.some(({ metadata }) => metadata.name === slice)) return { isReady: false, says };
  return { isReady: says === undefined || (await isNodeReady(kube, clusterID, slice)), says };
}

async function nodeStatus(kube: KubeApi, clusterID: string): Promise<string | undefined> {
  const foreign = await kube.get({ apiVersion: "core.liqo.io/v1beta1", kind: "ForeignCluster", name: clusterID });
  const { conditions } = fieldsOf(fieldsOf(fieldsOf(foreign?.status)["modules"])["offloading"]);
  if (!Array.isArray(conditions)) return undefined;
  const node = conditions.map(fieldsOf).find(({ type }) => type === "OffloadingNodeStatus");
  return typeof node?.["status"] === "string" ? node["status"] : undefined;
}

async function isNodeReady(kube: KubeApi, clusterID: string, name: string): Promise<boolean> {
  try {
    const labelSelector = `${REMOTE_CLUSTER_LABEL}=${clusterID}`;
    const nodes = await kube.list({ apiVersion: "v1", kind: "Node" }, { labelSelector });
    return nodes.some((node) => node.metadata.name === name && isReady(node));
  } catch (error) {
    if (error instanceof KubeForbiddenError) return false; // Liqo's word is all there is.
    throw error;
  }
}
