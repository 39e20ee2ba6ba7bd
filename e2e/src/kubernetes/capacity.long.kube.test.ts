import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseQuantity } from "@catalog/schema/quantity";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { container, PlayedNodes } from "./capacity-nodes.js";
import { describedRequests, kubectlProgram } from "./kubectl.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { SOON, TradeWorld } from "./trade-world.js";

const NODE = {
  cpu: "64",
  memory: "64Gi",
  "ephemeral-storage": "500Gi",
  pods: "110",
  "nvidia.com/gpu": "4",
  "hugepages-2Mi": "1Gi",
};
const NODES = ["one", "two", "three"];

interface Standing {
  readonly resource: string;
  readonly allocatable: string | null;
  readonly used: string | null;
  readonly free: string | null;
  readonly pools: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly nodes: number;
    readonly allocatable: string;
    readonly used: string;
    readonly free: string;
  }[];
}

let world: TradeWorld<LiqoV1>;
let nodes: PlayedNodes;
let folder: string;

beforeAll(async () => {
  world = await TradeWorld.startV1({ env: { CAPACITY_EVERY: "1s" } });
  folder = await mkdtemp(join(tmpdir(), "catalog-capacity-"));
  await writeFile(join(folder, "admin"), world.rome.cluster.adminKubeconfig, { mode: 0o600 });
  nodes = await PlayedNodes.open(world.rome.cluster.admin, "capacity-test");
  for (const name of NODES)
    await nodes.node({
      name: `capacity-${name}`,
      allocatable: NODE,
      labels: {
        "karpenter.sh/nodepool": name,
        "kubernetes.io/arch": name === "three" ? "arm64" : "amd64",
        "nvidia.com/gpu.product": "NVIDIA-A100",
        "topology.kubernetes.io/region": "eu",
      },
    });
  await nodes.node({ name: "capacity-cordoned", allocatable: NODE, isCordoned: true });
  await nodes.node({ name: "capacity-tainted", allocatable: NODE, taint: "NoSchedule" });
  await nodes.node({
    name: "capacity-preferred",
    allocatable: { cpu: "1" },
    taint: "PreferNoSchedule",
    labels: { "karpenter.sh/nodepool": "preferred" },
  });
  await nodes.node({ name: "capacity-lost", allocatable: NODE, isReady: false });
  await nodes.node({ name: "capacity-virtual", allocatable: NODE, labels: { "liqo.io/type": "virtual-node" } });
});
afterAll(async () => {
  await nodes?.close();
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function capacity(): Promise<readonly Standing[]> {
  const { api } = world.rome.connector;
  const query = "{ capacity { resource allocatable used free pools { labels nodes allocatable used free } } }";
  return (await api.request<{ capacity: readonly Standing[] }>(query)).capacity;
}

/** Pods of every shape that the scheduler counts differently, on each node in another mixture. Returns how many count. */
async function makePods(): Promise<number> {
  let counted = 0;
  await nodes.create({
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "capacity-sandbox" },
    handler: "sandbox",
    overhead: { podFixed: { cpu: "130m", memory: "70Mi" } },
  });
  const plain = {
    containers: [
      container("a", { cpu: "250m", memory: "100Mi" }),
      container("b", { cpu: "0.5", "ephemeral-storage": "3G" }),
    ],
  };
  const shapes: Readonly<Record<string, object>> = {
    plain,
    empty: { containers: [container("a", {})] },
    init: {
      initContainers: [container("i", { cpu: "3", memory: "64Mi" })],
      containers: [container("a", { cpu: "1", memory: "1Gi" })],
    },
    sidecars: {
      initContainers: [
        container("first", { cpu: "2" }),
        container("mesh", { cpu: "150m", memory: "200M" }, "Always"),
        container("second", { cpu: "1900m", memory: "2Gi" }),
        container("logs", { cpu: "50m" }, "Always"),
      ],
      containers: [container("a", { cpu: "1700m", memory: "123456789" })],
    },
    overhead: { ...plain, runtimeClassName: "capacity-sandbox" },
    gpu: { containers: [container("a", { cpu: "1", "nvidia.com/gpu": "2", "hugepages-2Mi": "64Mi", memory: "1e9" })] },
  };
  for (const [n, node] of NODES.entries())
    for (const [i, [shape, spec]] of Object.entries(shapes).entries())
      for (let copy = 0; copy <= (n + i) % 2; copy++, counted++)
        await nodes.pod(`${shape}-${node}-${copy}`, `capacity-${node}`, spec);
  await nodes.pod("waiting", "capacity-one", plain, "Pending");
  await nodes.pod("done", "capacity-one", plain, "Succeeded");
  await nodes.pod("broken", "capacity-two", shapes["gpu"] ?? {}, "Failed");
  await nodes.pod("elsewhere", "capacity-cordoned", plain);
  return counted + 1;
}

describe("capacity", () => {
  test("counts the nodes that take pods, by pool, and nothing else", async () => {
    const found = await waitFor(async () => {
      const all = await capacity();
      return all.find(({ resource }) => resource === "nvidia.com/gpu")?.pools.length === 3 && all;
    }, SOON);
    const cpu = found.find(({ resource }) => resource === "cpu");
    expect(cpu).toMatchObject({ allocatable: "193", used: "0", free: "193" });
    expect(
      cpu?.pools.map(({ labels, nodes: count, allocatable }) => [
        labels["node-pool"],
        labels["architecture"],
        labels["gpu-model"],
        count,
        allocatable,
      ]),
    ).toEqual([
      ["one", "amd64", "NVIDIA-A100", 1, "64"],
      ["preferred", undefined, undefined, 1, "1"],
      ["three", "arm64", "NVIDIA-A100", 1, "64"],
      ["two", "amd64", "NVIDIA-A100", 1, "64"],
    ]);
    expect(found.find(({ resource }) => resource === "nvidia.com/gpu")).toMatchObject({ allocatable: "12" });
  });

  test("counts pods exactly as kubectl describe node does", async ({ skip }) => {
    const made = await makePods();
    const program = kubectlProgram();
    if (program === undefined) return skip("there is no kubectl beside the programs of KUBEBUILDER_ASSETS");
    await waitFor(
      async () => (await capacity()).some(({ resource, used }) => resource === "pods" && used === String(made)),
      {
        ...SOON,
        what: "every pod is counted",
      },
    );
    const found = await capacity();
    for (const name of NODES) {
      const described = await describedRequests(program, join(folder, "admin"), `capacity-${name}`);
      expect(Object.keys(described).sort()).toEqual(Object.keys(NODE).sort());
      for (const [resource, amount] of Object.entries(described)) {
        const pool = found
          .find((one) => one.resource === resource)
          ?.pools.find(({ labels }) => labels["node-pool"] === name);
        expect(parseQuantity(pool?.used ?? "0"), `${resource} of ${name}`).toBe(amount);
      }
    }
  });

  // `kubectl describe node` adds up containers; the scheduler takes what the pod as a whole asks for.
  test("counts what a pod as a whole asks for, as the scheduler does", async () => {
    const used = async (): Promise<bigint> => {
      const cpu = (await capacity()).find(({ resource }) => resource === "cpu");
      return parseQuantity(cpu?.used ?? "0");
    };
    const before = await used();
    const containers = [container("a", { cpu: "250m" }), container("b", { cpu: "500m" })];
    await nodes.pod("whole", "capacity-three", { containers, resources: { requests: { cpu: "2", memory: "3Gi" } } });
    await waitFor(async () => (await used()) !== before, { ...SOON, what: "the pod is counted" });
    expect((await used()) - before).toBe(parseQuantity("2"));
  });
});

describe("what is free", () => {
  const plan = { planID: "gpu", planName: "GPU", planCost: 1, planCostCurrency: "EUR", planCostPeriod: "hour" };
  const save = (planQuantity: number) =>
    world.rome.connector.api.request("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", {
      offer: {
        offerID: "measured",
        offerName: "Measured",
        capacity: "MEASURED",
        labels: { "gpu-model": "NVIDIA-A100", "node-pool": "two" },
        plans: [{ ...plan, planQuantity, resources: { "nvidia.com/gpu": "1", cpu: "1" } }],
      },
    });
  const available = async (): Promise<number | undefined> => {
    const query = "{ myOffers { offerID plans { available } } }";
    const { myOffers } = await world.rome.connector.api.request<{
      myOffers: readonly { offerID: string; plans: readonly { available: number }[] }[];
    }>(query);
    return myOffers.find(({ offerID }) => offerID === "measured")?.plans[0]?.available;
  };

  test("bounds a MEASURED offer to the pool that its labels name, as it is now", async () => {
    const gpu = (await capacity()).find(({ resource }) => resource === "nvidia.com/gpu");
    const free = Number(gpu?.pools.find(({ labels }) => labels["node-pool"] === "two")?.free);
    expect(free).toBeGreaterThan(0);
    await expect(save(free + 1)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await save(free);
    expect(await available()).toBe(free);
    await nodes.pod("late", "capacity-two", { containers: [container("a", { "nvidia.com/gpu": String(free) })] });
    await waitFor(async () => (await available()) === 0, { ...SOON, what: "a new pod has taken the GPUs" });
    await world.rome.cluster.admin.remove({ apiVersion: "v1", kind: "Pod", namespace: "capacity-test", name: "late" });
    await waitFor(async () => (await available()) === free, { ...SOON, what: "the GPUs are back" });
  });

  test("is suggested as offers that saveOffer takes, once they have prices", async () => {
    const { api } = world.rome.connector;
    const { connector } = await api.request<{
      connector: {
        suggestOffers: {
          reason: string | null;
          offers: readonly (Record<string, unknown> & { plans: readonly Record<string, unknown>[] })[];
        };
      };
    }>(
      "{ connector { suggestOffers { reason offers { offerID offerName offerType description labels approval capacity plans { planID planName planCost planCostCurrency planCostPeriod planQuantity resources } } } } }",
    );
    const { offers, reason } = connector.suggestOffers;
    expect(reason).toBeNull();
    expect(offers.length).toBeGreaterThan(0);
    for (const offer of offers) {
      const plans = offer.plans.map((one) => ({
        ...one,
        planCost: 2,
        planCostCurrency: "EUR",
        planCostPeriod: "hour",
      }));
      const saved = "mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { plans { planQuantity available } } }";
      const { saveOffer } = await api.request<{
        saveOffer: { plans: readonly { planQuantity: number; available: number }[] };
      }>(saved, { offer: { ...offer, plans } });
      for (const { planQuantity, available: left } of saveOffer.plans) expect(left).toBe(planQuantity);
    }
  });

  test("is not sold while the API server is away, and is sold again afterwards", async ({ skip }) => {
    const { server } = world.rome.cluster;
    if (!server) return skip("a given cluster is not killed");
    const policy = async (): Promise<string | null> =>
      (
        await world.rome.connector.api.request<{ capacityPolicy: { unknownBecause: string | null } }>(
          "{ capacityPolicy { unknownBecause } }",
        )
      ).capacityPolicy.unknownBecause;
    const before = await available();
    expect(before).toBeGreaterThan(0);
    await server.killApi();
    await waitFor(async () => (await policy()) !== null, { ...SOON, what: "nobody knows any more" });
    expect(await available()).toBe(0);
    const { connector } = await world.rome.connector.api.request<{ connector: { warnings: readonly string[] } }>(
      "{ connector { warnings } }",
    );
    expect(connector.warnings.join()).toContain("What the cluster has left is not known");
    await server.startApi();
    await waitFor(async () => (await available()) === before, { ...SOON, what: "it is known again" });
  });
});

test("the versions of Kubernetes and Liqo are told, also to the customer before it buys", async () => {
  const version = (await world.rome.cluster.admin.raw("GET", "/version")) as { gitVersion: string };
  const { connector } = await world.rome.connector.api.request<{
    connector: { kubernetesVersion: string; liqo: { mode: string; version: string } };
  }>("{ connector { kubernetesVersion liqo { mode version } } }");
  expect(connector.kubernetesVersion).toBe(version.gitVersion);
  expect(connector.liqo.mode).toBe("v1");
  expect(connector.liqo.version).toMatch(/^1\.\d+\.\d+/);
  const offers = await waitFor(async () => {
    const answer = await world.milan.connector.api.request<{
      offers: { nodes: readonly { peerable: { ok: boolean; reason: string | null } }[] };
    }>("{ offers { nodes { peerable { ok reason } } } }");
    return answer.offers.nodes.length > 0 && answer.offers.nodes;
  }, SOON);
  expect(offers[0]?.peerable).toEqual({ ok: true, reason: null });
});
