import type { NodePool } from "../../domain/node-pools.js";
import type { KubeApi } from "../kube/kube-api.js";
import { nodePools, type NodeForCapacity } from "./cluster-capacity.js";
import type { PodForCapacity } from "./pod-requests.js";

/** What the nodes of the cluster have, and what pods use of it. @throws KubeError. */
export async function readCapacity(kube: KubeApi, poolLabel: string | null): Promise<readonly NodePool[]> {
  const [nodes, pods] = await Promise.all([
    kube.list({ apiVersion: "v1", kind: "Node" }),
    kube.list({ apiVersion: "v1", kind: "Pod" }),
  ]);
  return nodePools(nodes as readonly NodeForCapacity[], pods as readonly PodForCapacity[], poolLabel);
}
