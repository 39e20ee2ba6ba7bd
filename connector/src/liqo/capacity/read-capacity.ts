import type { KubeApi } from "../kube/kube-api.js";
import { clusterCapacity, type ClusterCapacity, type NodeForCapacity } from "./cluster-capacity.js";
import type { PodForCapacity } from "./pod-requests.js";

/** What the nodes of the cluster have, and what its pods use of it. @throws KubeError. */
export async function readCapacity(kube: KubeApi): Promise<ClusterCapacity> {
  const [nodes, pods] = await Promise.all([
    kube.list({ apiVersion: "v1", kind: "Node" }),
    kube.list({ apiVersion: "v1", kind: "Pod" }),
  ]);
  return clusterCapacity(nodes as readonly NodeForCapacity[], pods as readonly PodForCapacity[]);
}
