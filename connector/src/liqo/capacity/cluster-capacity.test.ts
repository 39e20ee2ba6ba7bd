import { UNIT } from "@catalog/schema/quantity";
import { toAmounts } from "@catalog/schema/resource-list";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUsable, type NodeForCapacity, nodePools } from "./cluster-capacity.js";
import { podRequests } from "./pod-requests.js";

const READY = [{ type: "Ready", status: "True" }];

function node(name: string, change: Partial<NodeForCapacity> = {}): NodeForCapacity {
  return {
    metadata: { name },
    status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" }, conditions: READY },
    ...change,
  };
}

const container = (cpu: string, memory = "0") => ({ resources: { requests: { cpu, memory } } });

interface Asking {
  readonly resources: { readonly requests: Readonly<Record<string, string>> };
  readonly restartPolicy?: string;
}

/** Plays the life of a pod, moment by moment: each init container runs beside the sidecars before it, then everything that stays. */
function mostAtOnce(
  name: string,
  containers: readonly Asking[],
  inits: readonly Asking[],
  overhead: Readonly<Record<string, string>>,
): bigint {
  const asked = ({ resources }: Asking): number => Number(resources.requests[name] ?? 0);
  const moments = inits.map((running, i) => {
    const sidecars = inits.slice(0, i).filter(({ restartPolicy }) => restartPolicy === "Always");
    return [...sidecars, running].reduce((sum, one) => sum + asked(one), 0);
  });
  const lasting = [...containers, ...inits.filter(({ restartPolicy }) => restartPolicy === "Always")];
  moments.push(lasting.reduce((sum, one) => sum + asked(one), 0));
  return BigInt(Math.max(...moments) + Number(overhead[name] ?? 0)) * UNIT;
}

describe("podRequests", () => {
  it("adds containers, sidecars and overhead, and counts the pod itself", () => {
    const spec = {
      containers: [container("500m", "1Gi"), container("250m")],
      initContainers: [{ ...container("100m", "64Mi"), restartPolicy: "Always" }],
      overhead: { cpu: "50m" },
    };
    expect(podRequests({ spec })).toEqual(toAmounts({ cpu: "900m", memory: "1088Mi", pods: "1" }));
  });

  it("takes the largest moment of initialisation where that is more, resource by resource", () => {
    const spec = {
      containers: [container("1", "1Gi")],
      initContainers: [container("3"), { ...container("500m"), restartPolicy: "Always" }, container("2800m", "2Gi")],
    };
    expect(podRequests({ spec })).toEqual(toAmounts({ cpu: "3300m", memory: "2Gi", pods: "1" }));
  });

  it("lets what the pod as a whole asks for stand in for its containers", () => {
    const spec = { containers: [container("1", "1Gi")], resources: { requests: { cpu: "2" } } };
    expect(podRequests({ spec })).toEqual(toAmounts({ cpu: "2", memory: "1Gi", pods: "1" }));
  });

  it("passes over what a pod as a whole cannot ask for", () => {
    const spec = {
      containers: [container("1")],
      resources: { requests: { "nvidia.com/gpu": "3", "hugepages-2Mi": "4Mi" } },
    };
    expect(podRequests({ spec })).toEqual(toAmounts({ cpu: "1", memory: "0", "hugepages-2Mi": "4Mi", pods: "1" }));
  });

  it("is the most that the pod asks for at any moment of its life, whatever its containers are", () => {
    const quantity = fc.nat({ max: 20 });
    const requests = fc.dictionary(fc.constantFrom("cpu", "memory", "nvidia.com/gpu"), quantity.map(String));
    const one = fc.record({ resources: fc.record({ requests }) });
    const init = fc.record({ resources: fc.record({ requests }), restartPolicy: fc.constantFrom("Always", undefined) });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 4 }),
        fc.array(init, { maxLength: 5 }),
        requests,
        (containers, inits, overhead) => {
          const initContainers = inits.map(({ resources, restartPolicy }) =>
            restartPolicy === undefined ? { resources } : { resources, restartPolicy },
          );
          const counted = podRequests({ spec: { containers, initContainers, overhead } });
          for (const name of ["cpu", "memory", "nvidia.com/gpu"])
            expect(counted[name] ?? 0n, name).toBe(mostAtOnce(name, containers, initContainers, overhead));
          expect(counted["pods"]).toBe(UNIT);
        },
      ),
    );
  });

  it("is one pod where nothing is asked for", () => {
    expect(podRequests({})).toEqual(toAmounts({ pods: "1" }));
  });
});

describe("nodePools", () => {
  it.each([
    ["cordoned", { spec: { unschedulable: true } }],
    ["tainted NoSchedule", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }],
    ["tainted NoExecute", { spec: { taints: [{ key: "a", effect: "NoExecute" }] } }],
    ["virtual", { metadata: { name: "v", labels: { "liqo.io/type": "virtual-node" } } }],
    ["not ready", { status: { allocatable: { cpu: "4" }, conditions: [{ type: "Ready", status: "Unknown" }] } }],
    ["without conditions", { status: { allocatable: { cpu: "4" } } }],
  ])("leaves out a node that is %s", (_what, change) => {
    expect(isUsable(node("n", change))).toBe(false);
    expect(nodePools([node("n", change)], [], null)).toEqual([]);
  });

  it("keeps a node with a taint that only prefers others", () => {
    expect(isUsable(node("n", { spec: { taints: [{ key: "a", effect: "PreferNoSchedule" }] } }))).toBe(true);
  });

  const pod = (nodeName: string | undefined, phase: string, labels: Readonly<Record<string, string>> = {}) => ({
    metadata: { labels },
    spec: { ...(nodeName === undefined ? {} : { nodeName }), containers: [container("1", "1Gi")] },
    status: { phase },
  });

  it("counts pods on usable nodes that have not finished, and by cluster those of others", () => {
    const pods = [
      pod("a", "Running"),
      pod("a", "Pending", { "offloading.liqo.io/origin": "paris" }),
      pod("b", "Running", { "virtualkubelet.liqo.io/origin": "paris" }),
      pod("a", "Succeeded"),
      pod("a", "Failed", { "offloading.liqo.io/origin": "paris" }),
      pod("cordoned", "Running"),
      pod(undefined, "Pending"),
    ];
    const small = { status: { allocatable: { cpu: "2", memory: "9Gi" }, conditions: READY } };
    const nodes = [node("a"), node("b", small), node("cordoned", { spec: { unschedulable: true } })];
    expect(nodePools(nodes, pods, null)).toEqual([
      {
        name: "nodes",
        labels: {},
        nodes: 2,
        perNode: toAmounts({ cpu: "2", memory: "8Gi", pods: "110" }),
        allocatable: toAmounts({ cpu: "6", memory: "17Gi", pods: "110" }),
        used: toAmounts({ cpu: "3", memory: "3Gi", pods: "3" }),
        usedByPeers: { paris: toAmounts({ cpu: "2", memory: "2Gi", pods: "2" }) },
      },
    ]);
  });

  const labelled = (name: string, labels: Readonly<Record<string, string>>) =>
    node(name, { metadata: { name, labels } });

  it("tells nodes apart by pool, instance type, architecture and GPU model, and names the place where all agree", () => {
    const place = { "topology.kubernetes.io/region": "eu", "topology.kubernetes.io/zone": "eu-1" };
    const nodes = [
      labelled("a", { ...place, "kubernetes.io/arch": "amd64", "node.kubernetes.io/instance-type": "m6i" }),
      labelled("b", {
        ...place,
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "m6i",
        "topology.kubernetes.io/zone": "eu-2",
      }),
      labelled("c", { ...place, "kubernetes.io/arch": "arm64", "karpenter.sh/nodepool": "spot" }),
      labelled("d", { ...place, "kubernetes.io/arch": "amd64", "nvidia.com/gpu.product": "A100" }),
      labelled("e", { ...place, "kubernetes.io/arch": "amd64", "nvidia.com/gpu.product": "T4" }),
    ];
    expect(nodePools(nodes, [], null).map(({ name, labels, nodes: count }) => [name, labels, count])).toEqual([
      ["amd64 / A100", { region: "eu", zone: "eu-1", architecture: "amd64", "gpu-model": "A100" }, 1],
      ["amd64 / T4", { region: "eu", zone: "eu-1", architecture: "amd64", "gpu-model": "T4" }, 1],
      ["m6i / amd64", { region: "eu", architecture: "amd64", "instance-type": "m6i" }, 2],
      ["spot / arm64", { region: "eu", zone: "eu-1", architecture: "arm64", "node-pool": "spot" }, 1],
    ]);
  });

  it("takes the configured label for the pool's name before the known ones", () => {
    const nodes = [
      labelled("a", { "example.com/pool": "mine", "karpenter.sh/nodepool": "theirs" }),
      labelled("b", { "karpenter.sh/nodepool": "theirs" }),
    ];
    expect(nodePools(nodes, [], "example.com/pool").map(({ name }) => name)).toEqual(["mine", "theirs"]);
    expect(nodePools(nodes, [], null).map(({ name }) => name)).toEqual(["theirs"]);
  });
});
