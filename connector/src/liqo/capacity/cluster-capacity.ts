import { type Amounts, addAmounts, toAmounts } from "@catalog/schema/resource-list";
import { isTaking, podRequests, type PodForCapacity } from "./pod-requests.js";

/** A node as far as its capacity is looked at. */
export interface NodeForCapacity {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly effect: string }[];
  };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** What the nodes of a cluster have to give and what their pods ask for; canonical Kubernetes names. */
export interface ClusterCapacity {
  readonly allocatable: Amounts;
  readonly used: Amounts;
}

/** Liqo marks its virtual nodes so: what they show belongs to others. */
const NODE_TYPE_LABEL = "liqo.io/type";
const VIRTUAL_NODE = "virtual-node";
const KEEPS_PODS_AWAY = new Set(["NoSchedule", "NoExecute"]);

/** Whether new pods can go there without a toleration: ready, not cordoned, not tainted, and no virtual node of Liqo. */
export function isUsable(node: NodeForCapacity): boolean {
  const { labels = {} } = node.metadata;
  const { unschedulable = false, taints = [] } = node.spec ?? {};
  const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
  return (
    labels[NODE_TYPE_LABEL] !== VIRTUAL_NODE &&
    !unschedulable &&
    !taints.some((taint) => KEEPS_PODS_AWAY.has(taint.effect)) &&
    ready?.status === "True"
  );
}

/** Adds up the usable nodes, and the requests of the pods on them. */
export function clusterCapacity(nodes: readonly NodeForCapacity[], pods: readonly PodForCapacity[]): ClusterCapacity {
  const usable = nodes.filter(isUsable);
  const names = new Set(usable.map((node) => node.metadata.name));
  const counted = pods.filter((pod) => isTaking(pod) && names.has(pod.spec?.nodeName ?? ""));
  return {
    allocatable: usable.map((node) => toAmounts(node.status?.allocatable ?? {})).reduce(addAmounts, {}),
    used: counted.map(podRequests).reduce(addAmounts, {}),
  };
}
