import { type Amounts, addAmounts, amountOf, toAmounts } from "@catalog/schema/resource-list";
import type { NodePool } from "../../domain/node-pools.js";
import { isTaking, originOf, podRequests, type PodForCapacity } from "./pod-requests.js";
import { commonPlace, groupingLabels, poolName } from "./pool-labels.js";

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

/**
 * The usable nodes by pool, with the requests of the pods on them; pools by name.
 * @param poolLabel label that names the pool of a node, before the well-known ones; null: only those.
 */
export function nodePools(
  nodes: readonly NodeForCapacity[],
  pods: readonly PodForCapacity[],
  poolLabel: string | null,
): readonly NodePool[] {
  const groups = new Map<string, NodeForCapacity[]>();
  for (const node of nodes.filter(isUsable)) {
    const key = JSON.stringify(groupingLabels(node.metadata.labels ?? {}, poolLabel));
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const byNode = podsByNode(pods);
  return [...groups.values()]
    .map((members) =>
      poolOf(
        members,
        members.flatMap(({ metadata }) => byNode.get(metadata.name) ?? []),
        poolLabel,
      ),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function podsByNode(pods: readonly PodForCapacity[]): ReadonlyMap<string, readonly PodForCapacity[]> {
  const byNode = new Map<string, PodForCapacity[]>();
  for (const pod of pods.filter(isTaking)) {
    const name = pod.spec?.nodeName ?? "";
    const known = byNode.get(name);
    if (known === undefined) byNode.set(name, [pod]);
    else known.push(pod);
  }
  return byNode;
}

function poolOf(
  nodes: readonly NodeForCapacity[],
  pods: readonly PodForCapacity[],
  poolLabel: string | null,
): NodePool {
  const labels = nodes.map(({ metadata }) => metadata.labels ?? {});
  const grouping = groupingLabels(labels[0] ?? {}, poolLabel);
  const allocatable = nodes.map(({ status }) => toAmounts(status?.allocatable ?? {}));
  const byPeer = new Map<string, Amounts>();
  let used: Amounts = {};
  for (const pod of pods) {
    const requests = podRequests(pod);
    used = addAmounts(used, requests);
    const peer = originOf(pod);
    if (peer !== undefined) byPeer.set(peer, addAmounts(byPeer.get(peer) ?? {}, requests));
  }
  return {
    name: poolName(grouping),
    labels: { ...commonPlace(labels), ...grouping },
    nodes: nodes.length,
    perNode: allocatable.reduce(smallest),
    allocatable: allocatable.reduce(addAmounts, {}),
    used,
    usedByPeers: Object.fromEntries(byPeer),
  };
}

/** The least of each resource over those that have it. */
function smallest(a: Amounts, b: Amounts): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [x, y] = [amountOf(a, name), amountOf(b, name)];
      return [name, x === 0n || (y !== 0n && y < x) ? y : x];
    }),
  );
}
