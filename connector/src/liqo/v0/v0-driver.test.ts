import { beforeEach, describe, expect, it } from "vitest";
import { FOREIGN_CLUSTER } from "../forge/foreign-cluster.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { errorOf, KubeConflictError, type KubeVerb } from "../kube/kube.errors.js";
import { describeRef } from "../kube/kinds.js";
import { setToken } from "./testing/played-liqo.js";
import { type ClusterName, NOTHING, TwoClusters } from "./testing/two-clusters.js";

const CUSTOMER_FC = { ...FOREIGN_CLUSTER, name: "turin" };
const PROVIDER_FC = { ...FOREIGN_CLUSTER, name: "paris" };
const TOKEN = { apiVersion: "v1", kind: "Secret", namespace: "liqo", name: "remote-token-id-of-turin" };

/** Made by the admin for somebody else; nobody may touch it. */
const BY_HAND: KubeObject = {
  ...FOREIGN_CLUSTER,
  metadata: { name: "milan", labels: { "discovery.liqo.io/cluster-id": "id-of-milan" } },
  spec: {
    clusterIdentity: { clusterID: "id-of-milan", clusterName: "milan" },
    foreignAuthUrl: "https://milan.example.com",
    outgoingPeeringEnabled: "Yes",
    incomingPeeringEnabled: "Auto",
  },
};

let world: TwoClusters;
let before: string;
beforeEach(async () => {
  world = await TwoClusters.start();
  for (const at of ["turin", "paris"] as const) world.halves[at].cluster.kube.put(BY_HAND);
  before = world.objects();
});

function kube(at: ClusterName) {
  return world.halves[at].cluster.kube;
}

function expectUp(): void {
  expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "ESTABLISHED", whatToDo: null });
  expect(world.last("turin", "PROVIDER")).toMatchObject({ phase: "ESTABLISHED", whatToDo: null });
  const offer = [...kube("turin").objects.values()].find(({ kind }) => kind === "ResourceOffer");
  expect(offer?.spec).toMatchObject({ resourceQuota: { hard: { cpu: "4", pods: "110" } } });
}

function expectClean(): void {
  expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "GONE", released: ["contract-turin"] });
  expect(world.last("turin", "PROVIDER")).toMatchObject({ phase: "GONE", released: ["contract-turin"] });
  expect(world.objects().split("\n").sort()).toEqual(before.split("\n").sort());
}

describe("a contract's life", () => {
  it("goes from nothing to a ready node and back to nothing, and says each step", async () => {
    world.sell("turin");
    const first = await world.reconcile("paris", "CUSTOMER");
    expect(first.phase).toBe("CONNECTING");
    await world.settle();
    expectUp();
    expect(world.last("paris", "CUSTOMER").steps.map(({ status }) => status)).toEqual(Array(6).fill("DONE"));
    expect(kube("turin").peek(PROVIDER_FC)?.spec).toMatchObject({ incomingPeeringEnabled: "Yes" });

    world.end("turin");
    await world.settle();
    expectClean();
  });

  it("does nothing more once all is done", async () => {
    world.sell("turin");
    await world.settle();
    const writes: string[] = [];
    for (const at of ["turin", "paris"] as const)
      kube(at).before = (verb) => void (/^(get|list)$/.test(verb) || writes.push(verb));
    await world.settle();
    expect(writes).toEqual([]);
  });

  it("serves both directions at once and ends them one after the other", async () => {
    world.sell("turin");
    world.sell("paris");
    await world.settle();
    for (const at of ["turin", "paris"] as const) {
      for (const side of ["CUSTOMER", "PROVIDER"] as const) expect(world.last(at, side).phase).toBe("ESTABLISHED");
    }
    world.end("turin");
    await world.settle();
    expect(world.last("turin", "PROVIDER")).toMatchObject({ phase: "GONE" });
    expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "GONE" });
    expect(world.last("turin", "CUSTOMER").phase).toBe("ESTABLISHED");
    expect(world.last("paris", "PROVIDER").phase).toBe("ESTABLISHED");
    world.end("paris");
    await world.settle();
    expect(world.objects().split("\n").sort()).toEqual(before.split("\n").sort());
  });

  it("goes over to the contract that renews it without taking the peering down", async () => {
    world.sell("turin");
    await world.settle();
    const uid = kube("paris").peek(CUSTOMER_FC)?.metadata.uid;
    const successor = world.contract("turin", "contract-2");
    world.ending.turin.push(...world.active.turin.splice(0, 1, successor));
    await world.settle();
    expect(world.last("turin", "PROVIDER").released).toEqual(["contract-turin"]);
    expect(kube("paris").peek(CUSTOMER_FC)?.metadata.uid).toBe(uid);
    expect(kube("paris").peek(TOKEN)?.metadata.annotations).toMatchObject({ "catalog.liqo/contract": "contract-2" });
    expect(world.last("paris", "CUSTOMER").phase).toBe("ESTABLISHED");
  });
});

class Crash extends Error {}

/** Dies at the n-th request, before or after the API server has done it. */
function dying(inner: KubeApi, at: number, when: "before" | "after"): { api: KubeApi; hasDied: () => boolean } {
  let count = 0;
  let hasDied = false;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (hasDied) throw new Crash();
    const isTheOne = ++count === at;
    if (isTheOne) hasDied = true;
    if (isTheOne && when === "before") throw new Crash();
    const result = await work();
    if (isTheOne) throw new Crash();
    return result;
  };
  const api: KubeApi = {
    get: (ref) => guarded(() => inner.get(ref)),
    list: (kind, selection) => guarded(() => inner.list(kind, selection)),
    create: (object) => guarded(() => inner.create(object)),
    replace: (object) => guarded(() => inner.replace(object)),
    replaceStatus: (object) => guarded(() => inner.replaceStatus(object)),
    mergePatch: (ref, patch) => guarded(() => inner.mergePatch(ref, patch)),
    remove: (ref, options) => guarded(() => inner.remove(ref, options)),
    watch: (kind, selection, onChange, signal) => inner.watch(kind, selection, onChange, signal),
  };
  return { api, hasDied: () => hasDied };
}

describe("a crash at any request", () => {
  for (const victim of ["paris", "turin"] as const) {
    for (const when of ["before", "after"] as const) {
      it(`of ${victim}, ${when} it was done, on the way up and on the way down`, async () => {
        let isThrough = false;
        let crashes = 0;
        for (let at = 1; !isThrough; at++) {
          isThrough = true;
          world = await TwoClusters.start();
          for (const name of ["turin", "paris"] as const) kube(name).put(BY_HAND);
          before = world.objects();
          for (const go of [() => void world.sell("turin"), () => world.end("turin")]) {
            go();
            const { api, hasDied } = dying(kube(victim), at, when);
            await world.restart(victim, api);
            await world.settle().catch((error: unknown) => {
              if (!(error instanceof Crash)) throw error;
            });
            if (hasDied()) {
              isThrough = false;
              crashes++;
            }
            await world.restart(victim);
            await world.settle();
            if (world.active.turin.length > 0) expectUp();
          }
          expectClean();
          expect(at).toBeLessThan(400);
        }
        expect(crashes).toBeGreaterThan(20);
      });
    }
  }
});

describe("an unruly cluster", () => {
  it("overcomes a conflict at every write", async () => {
    for (const at of ["turin", "paris"] as const) {
      let count = 0;
      kube(at).before = (verb, ref) => {
        const call = { verb, resource: "x", object: "name" in ref ? describeRef(ref) : ref.kind };
        if (!["get", "list"].includes(verb) && ++count % 2 === 1) throw new KubeConflictError(call, "modified");
      };
    }
    world.sell("turin");
    await world.settle();
    expectUp();
    world.end("turin");
    await world.settle();
    expectClean();
  });

  it.each([
    ["paris", "create", "Secret"],
    ["paris", "create", "ForeignCluster"],
    ["paris", "list", "ForeignCluster"],
    ["turin", "patch", "ForeignCluster"],
    ["turin", "list", "ResourceOffer"],
  ] as const)("says at %s which permission is missing: %s %s", async (at, forbidden: KubeVerb, kind) => {
    kube(at).before = (verb, ref) => {
      if (verb !== forbidden || ref.kind !== kind) return;
      const call = { verb, resource: kind.toLowerCase(), object: "name" in ref ? describeRef(ref) : kind };
      throw errorOf(call, 403, { message: 'User "connector" cannot do that resource "x"' });
    };
    world.sell("turin");
    await world.settle();
    const report = world.last(at, at === "paris" ? "CUSTOMER" : "PROVIDER");
    expect(report.phase).toBe("FAILED");
    expect(report.whatToDo).toContain(`"${forbidden}"`);
    kube(at).before = () => undefined;
    await world.settle();
    expectUp();
  });

  it("says which kind is missing, and does without the permission to look at nodes", async () => {
    kube("paris").before = (verb, ref) => {
      if (ref.kind === "ForeignCluster")
        throw errorOf({ verb, resource: "foreignclusters.discovery.liqo.io", object: "x" }, 404, {});
    };
    world.sell("turin");
    await world.settle();
    expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "FAILED" });
    expect(world.last("paris", "CUSTOMER").whatToDo).toContain("foreignclusters.discovery.liqo.io is missing");
    kube("paris").before = (verb, ref) => {
      if (ref.kind === "Node")
        throw errorOf({ verb, resource: "nodes", object: "x" }, 403, { message: "cannot list resource nodes" });
    };
    await world.settle();
    expectUp();
  });

  it.each([["ForeignCluster", CUSTOMER_FC] as const, ["token", TOKEN] as const])(
    "makes the %s again when it is deleted by hand",
    async (_what, ref) => {
      world.sell("turin");
      await world.settle();
      const uid = kube("paris").peek(ref)?.metadata.uid;
      await kube("paris").remove(ref);
      await world.settle();
      expectUp();
      expect(kube("paris").peek(ref)?.metadata.uid).not.toBe(uid);
    },
  );

  it("puts back what was changed by hand on its own objects", async () => {
    world.sell("turin");
    await world.settle();
    await kube("paris").mergePatch(CUSTOMER_FC, {
      spec: { outgoingPeeringEnabled: "No", foreignAuthUrl: "https://evil.example.com" },
    });
    await kube("turin").mergePatch(PROVIDER_FC, { spec: { incomingPeeringEnabled: "No" } });
    await world.settle();
    expectUp();
    expect(kube("paris").peek(CUSTOMER_FC)?.spec).toMatchObject({ foreignAuthUrl: "https://turin.example.com" });
  });

  it("fetches the token again when the provider has changed it, has it read at once, and hides it", async () => {
    world.sell("turin");
    await world.settle();
    setToken(world.halves.turin.cluster, "a-new-token-of-turin");
    await kube("paris").mergePatch(CUSTOMER_FC, { metadata: { labels: { touched: "yes" } } });
    world.liqo.step();
    world.now += 3_600_000;
    const refused = await world.driver("paris").reconcile(
      {
        ...world.task("paris", "CUSTOMER"),
        contracts: world.active.turin,
        state: { materialAt: world.now, identityAskedAt: null },
      },
      world.exchange,
    );
    expect(refused.message).toContain("IdentityError: invalid token [hidden]");
    expect(JSON.stringify(refused)).not.toContain("0123456789abcdef");
    await world.settle();
    expectUp();
  });

  it("waits for a provider that is away, in both directions of time", async () => {
    world.isProviderAway = true;
    world.sell("turin");
    await world.settle();
    expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "WAITING" });
    expect(world.last("paris", "CUSTOMER").message).toContain("turin did not answer");
    world.isProviderAway = false;
    await world.settle();
    expectUp();

    world.halves.turin.cluster.isReachable = false;
    world.halves.paris.cluster.isReachable = false;
    world.end("turin");
    await world.settle();
    expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "TAKING_DOWN", released: [] });
    expect(world.last("turin", "PROVIDER")).toMatchObject({ phase: "TAKING_DOWN", released: [] });
    expect(kube("paris").peek(TOKEN)).toBeDefined();
    world.halves.turin.cluster.isReachable = true;
    world.halves.paris.cluster.isReachable = true;
    await world.settle();
    expectClean();
  });

  it("touches the ResourceRequest when the offer does not follow the grant, and not while it may still", async () => {
    world.sell("turin");
    await world.settle();
    const request = {
      apiVersion: "discovery.liqo.io/v1alpha1",
      kind: "ResourceRequest",
      namespace: "liqo-tenant-paris",
      name: "resource-request-id-of-turin",
    };
    world.halves.turin.cluster.grant = { ...NOTHING, cpu: 1_000_000_000n };
    await world.reconcile("turin", "PROVIDER");
    expect(kube("turin").peek(request)?.metadata.annotations).toBeUndefined();
    world.now += 5_000;
    await world.reconcile("turin", "PROVIDER");
    expect(kube("turin").peek(request)?.metadata.annotations).toHaveProperty(["catalog.liqo/grant"]);
    await world.settle();
    const offer = [...kube("turin").objects.values()].find(({ kind }) => kind === "ResourceOffer");
    expect(offer?.spec).toMatchObject({ resourceQuota: { hard: { cpu: "1" } } });
  });
});

describe("what an admin made by hand", () => {
  it("is told of and left alone, and can be handed over", async () => {
    const mine = {
      ...BY_HAND,
      metadata: { name: "my-turin" },
      spec: { ...(BY_HAND.spec as object), clusterIdentity: { clusterID: "id-of-turin", clusterName: "turin" } },
    };
    kube("paris").put(mine);
    const snapshot = JSON.stringify(kube("paris").peek({ ...FOREIGN_CLUSTER, name: "my-turin" })?.spec);
    world.sell("turin");
    await world.reconcile("paris", "CUSTOMER");
    const report = world.last("paris", "CUSTOMER");
    expect(report).toMatchObject({ phase: "WAITING" });
    expect(report.whatToDo).toContain(
      "kubectl label foreignclusters.discovery.liqo.io my-turin catalog.liqo/owner=connector",
    );
    expect(JSON.stringify(kube("paris").peek({ ...FOREIGN_CLUSTER, name: "my-turin" })?.spec)).toBe(snapshot);
    await kube("paris").mergePatch(
      { ...FOREIGN_CLUSTER, name: "my-turin" },
      { metadata: { labels: { "catalog.liqo/owner": "connector" } } },
    );
    await world.settle();
    expectUp();
  });

  it("keeps a token Secret made by hand", async () => {
    kube("paris").put({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: TOKEN.name, namespace: "liqo" },
      data: { token: "eA==" },
    });
    world.sell("turin");
    await world.settle();
    expect(world.last("paris", "CUSTOMER")).toMatchObject({ phase: "FAILED" });
    expect(kube("paris").peek(TOKEN)?.data).toEqual({ token: "eA==" });
    world.end("turin");
    await world.settle();
    expect(kube("paris").peek(TOKEN)?.data).toEqual({ token: "eA==" });
  });

  it("lets an allowed peer keep its peering at the end of a contract", async () => {
    world.halves.turin.cluster.isOpenByDefault = true;
    world.sell("turin");
    await world.settle();
    expect(kube("turin").peek(PROVIDER_FC)?.spec).toMatchObject({ incomingPeeringEnabled: "Yes" });
    const task = {
      ...world.task("turin", "PROVIDER"),
      contracts: [],
      ending: [...world.active.turin],
      isAllowed: true,
      isOtherUp: false,
    };
    const report = await world.driver("turin").reconcile(task, world.exchange);
    expect(report).toMatchObject({ phase: "GONE", released: ["contract-turin"] });
    expect(kube("turin").peek(PROVIDER_FC)?.spec).toMatchObject({ incomingPeeringEnabled: "Auto" });
    expect(kube("turin").peek(PROVIDER_FC)?.metadata.annotations ?? {}).toEqual({});
  });
});

describe("a customer without a contract", () => {
  it("is shut out again each time it comes back, whatever Liqo's default is", async () => {
    world.halves.turin.cluster.isOpenByDefault = true;
    world.sell("turin");
    await world.settle();
    const [contract] = world.active.turin;
    world.end("turin");
    for (let turn = 0; turn < 6; turn++) {
      await world.reconcile("turin", "PROVIDER");
      world.liqo.step();
    }
    expect(contract?.contractID).toBe("contract-turin");
    expect(kube("turin").peek(PROVIDER_FC)?.spec).toMatchObject({ incomingPeeringEnabled: "No" });
    expect([...kube("turin").objects.values()].filter(({ kind }) => kind === "ResourceOffer")).toEqual([]);
    expect(world.last("turin", "PROVIDER")).toMatchObject({ phase: "GONE", released: ["contract-turin"] });
  });
});

describe("answers to the buyer", () => {
  it("forgets an identity that the buyer has lost, in its tenant namespace alone", async () => {
    const certificate = (namespace: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "liqo-remote-certificate", namespace },
    });
    for (const name of ["paris", "milan"]) {
      kube("turin").put({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: `liqo-tenant-${name}`, labels: { "discovery.liqo.io/cluster-id": `id-of-${name}` } },
      });
      kube("turin").put(certificate(`liqo-tenant-${name}`));
    }
    const contract = world.sell("turin");
    const { reply } = await world.driver("turin").answer(contract, { type: "status", identityRefused: true }, null);
    expect(reply).toEqual({
      type: "status",
      phase: "NONE",
      message: "The customer has not peered yet.",
      granted: { cpu: "4", memory: "8Gi", pods: "110" },
    });
    expect(
      kube("turin")
        .names()
        .filter((name) => name.includes("remote-certificate")),
    ).toEqual(["Secret liqo-tenant-milan/liqo-remote-certificate"]);
  });

  it.each([
    { type: "material", extra: 1 },
    { type: "status", identityRefused: "yes" },
    { type: "tenant", csr: "x" },
    { type: "__proto__" },
    { type: 7 as unknown as string },
    {} as { type: string },
  ])("refuses %j", async (message) => {
    const contract = world.sell("turin");
    await expect(world.driver("turin").answer(contract, message, null)).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });
});

describe("watching", () => {
  it("names the peer whose object changed", async () => {
    const told: string[] = [];
    const stop = new AbortController();
    const done = world.driver("turin").watch((clusterID) => told.push(clusterID), stop.signal);
    world.sell("turin");
    await world.settle();
    stop.abort();
    await done;
    expect(new Set(told)).toEqual(new Set(["id-of-milan", "id-of-paris"]));
  });
});
