import { toAmounts } from "@catalog/schema/resource-list";
import { describe, expect, it } from "vitest";
import { clusterCapacity, isUsable, type NodeForCapacity } from "./cluster-capacity.js";
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

  it("is one pod where nothing is asked for", () => {
    expect(podRequests({})).toEqual(toAmounts({ pods: "1" }));
  });
});

describe("clusterCapacity", () => {
  it.each([
    ["cordoned", { spec: { unschedulable: true } }],
    ["tainted NoSchedule", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }],
    ["tainted NoExecute", { spec: { taints: [{ key: "a", effect: "NoExecute" }] } }],
    ["virtual", { metadata: { name: "v", labels: { "liqo.io/type": "virtual-node" } } }],
    ["not ready", { status: { allocatable: { cpu: "4" }, conditions: [{ type: "Ready", status: "Unknown" }] } }],
    ["without conditions", { status: { allocatable: { cpu: "4" } } }],
  ])("leaves out a node that is %s", (_what, change) => {
    expect(isUsable(node("n", change))).toBe(false);
    expect(clusterCapacity([node("n", change)], []).allocatable).toEqual({});
  });

  it("keeps a node with a taint that only prefers others", () => {
    expect(isUsable(node("n", { spec: { taints: [{ key: "a", effect: "PreferNoSchedule" }] } }))).toBe(true);
  });

  it("counts pods on usable nodes that have not finished", () => {
    const pod = (nodeName: string | undefined, phase: string) => ({
      spec: { ...(nodeName === undefined ? {} : { nodeName }), containers: [container("1", "1Gi")] },
      status: { phase },
    });
    const pods = [
      pod("a", "Running"),
      pod("a", "Pending"),
      pod("a", "Succeeded"),
      pod("a", "Failed"),
      pod("cordoned", "Running"),
      pod(undefined, "Pending"),
    ];
    const nodes = [node("a"), node("b"), node("cordoned", { spec: { unschedulable: true } })];
    expect(clusterCapacity(nodes, pods)).toEqual({
      allocatable: toAmounts({ cpu: "8", memory: "16Gi", pods: "220" }),
      used: toAmounts({ cpu: "2", memory: "2Gi", pods: "2" }),
    });
  });
});
