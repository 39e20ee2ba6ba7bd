import type { NodePool } from "../../domain/node-pools.js";

type Labels = Readonly<Record<string, string>>;

/** Labels of node pools, of Karpenter and of the managed Kubernetes of providers; the first that a node carries names its pool. */
const NODE_POOL = [
  "karpenter.sh/nodepool",
  "cloud.google.com/gke-nodepool",
  "eks.amazonaws.com/nodegroup",
  "alpha.eksctl.io/nodegroup-name",
  "kubernetes.azure.com/agentpool",
  "agentpool",
  "doks.digitalocean.com/node-pool",
  "k8s.scaleway.com/pool-name",
  "k8s.ovh.net/nodepool",
  "lke.linode.com/pool-id",
];

/** Our label → Kubernetes' labels that say it, the first that is there. */
const GROUPING: Readonly<Record<string, readonly string[]>> = {
  "node-pool": NODE_POOL,
  "instance-type": ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"],
  architecture: ["kubernetes.io/arch", "beta.kubernetes.io/arch"],
  "gpu-model": ["nvidia.com/gpu.product", "amd.com/gpu.product-name", "gpu.intel.com/product"],
};

const PLACES: Readonly<Record<string, string>> = {
  region: "topology.kubernetes.io/region",
  zone: "topology.kubernetes.io/zone",
};

/**
 * What tells a node apart from others, in our own words.
 * @param poolLabel a label that names the pool and goes before the known ones; null: there is none.
 */
export function groupingLabels(labels: Labels, poolLabel: string | null): Labels {
  const found = Object.entries(GROUPING).flatMap(([name, keys]): (readonly [string, string])[] => {
    const candidates = name === "node-pool" && poolLabel !== null ? [poolLabel, ...keys] : keys;
    const value = candidates.map((key) => valueOf(labels, key)).find((one) => one !== undefined);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

/** Region and zone where all of the nodes agree. */
export function commonPlace(nodes: readonly Labels[]): Labels {
  const found = Object.entries(PLACES).flatMap(([name, key]): (readonly [string, string])[] => {
    const values = new Set(nodes.map((labels) => valueOf(labels, key)));
    const [value] = values;
    return values.size === 1 && value !== undefined ? [[name, value]] : [];
  });
  return Object.fromEntries(found);
}

/** `general / m6i.large / amd64`; `nodes` where nothing tells the nodes apart. */
export function poolName(labels: NodePool["labels"]): string {
  const parts = Object.keys(GROUPING).flatMap((name) => valueOf(labels, name) ?? []);
  return parts.length === 0 ? "nodes" : parts.join(" / ");
}

function valueOf(labels: Labels, key: string): string | undefined {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return value === "" ? undefined : value;
}
