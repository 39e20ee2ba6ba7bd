import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KubeClient } from "./rig/kube-client.js";
import { at, textAt } from "./rig/kube-object.js";
import { PlayedOffloading } from "./stand-in/played-offloading.js";
import type { Trade } from "./trade-books.js";
import { TradeV0 } from "./trade-books-v0.js";
import { TradeV1 } from "./trade-books-v1.js";
import {
  claimOf,
  endpointsOf,
  expectPhase,
  makeNamespace,
  offload,
  offloadingsOf,
  podOf,
  rehearseEnd,
  removeClaims,
  stopOffloading,
} from "./trade-offloads.js";
import { setPeering } from "./trade-peerings.js";
import { SOON, TradeWorld } from "./trade-world.js";

const NAMESPACE = "shop";
const POD = { apiVersion: "v1", kind: "Pod" };
const env = { PEERING_LOOK: "2s" };

interface Started {
  readonly world: Pick<TradeWorld<never>, "stop" | "expectNothingLeft">;
  readonly trade: Trade;
}

async function startV0(wire: "v0.8" | "v0.9"): Promise<Started> {
  const world = await TradeWorld.startV0({ wire, isIncomingByDefault: false, env });
  return { world, trade: new TradeV0(world.rome, world.milan, wire) };
}

async function startV1(): Promise<Started> {
  const world = await TradeWorld.startV1({ env });
  return { world, trade: new TradeV1(world.rome, world.milan) };
}

describe.each([
  { name: "0.10", generation: "v0", start: () => startV0("v0.9") },
  { name: "1.x", generation: "v1", start: startV1 },
] as const)("a namespace on what was bought, with Liqo $name", ({ generation, start }) => {
  let started: Started;
  let trade: Trade;
  let liqo: PlayedOffloading;
  let kube: KubeClient;

  const api = () => trade.buyer.connector.api;
  const object = () => kube.get(liqo.ref(NAMESPACE));
  const nodeOf = async (pod: string): Promise<string | undefined> =>
    textAt(await kube.get({ ...POD, namespace: NAMESPACE, name: pod }), "spec", "nodeName");
  const remotePods = async (): Promise<readonly (string | undefined)[]> =>
    (await trade.seller.cluster.admin.list(POD)).map(({ metadata }) => metadata.name);
  const gone = () => waitFor(async () => (await object()) === undefined, { ...SOON, what: "the object goes" });
  const removePod = async (name: string): Promise<void> => {
    await kube.remove({ ...POD, namespace: NAMESPACE, name });
    await waitFor(async () => (await nodeOf(name)) === undefined, SOON);
  };

  beforeAll(async () => {
    started = await start();
    ({ trade } = started);
    kube = trade.buyer.cluster.admin;
    liqo = new PlayedOffloading({ generation, home: trade.buyer, providers: [trade.seller] });
    liqo.start();
    await trade.advertise();
  });
  afterAll(async () => {
    await liqo?.stop();
    await started?.world.stop();
  });
  beforeEach(() => makeNamespace(kube, NAMESPACE));

  /** The clusters as they were before anything was bought. */
  const clean = async (): Promise<void> => {
    await kube.remove({ apiVersion: "v1", kind: "Namespace", name: NAMESPACE });
    await trade.expectGone();
    await started.world.expectNothingLeft();
  };

  test("pods run there, the object is kept, the end is rehearsed, and stopping leaves nothing", async () => {
    const contract = await trade.buy();
    await trade.expectUsable(1);
    await liqo.stop();
    const told = await offload(api(), contract.contractID, NAMESPACE);
    expect(told).toMatchObject({ phase: "WAITING", strategy: "REMOTE", manifests: null });
    expect(told.message).toContain("not moved");
    await waitFor(async () => (await object()) !== undefined, SOON);
    liqo.start();
    await expectPhase(api(), "READY");
    await kube.create(podOf(NAMESPACE, "web", "500m"));
    await waitFor(async () => (await nodeOf("web")) !== undefined, { ...SOON, what: "the pod is bound" });
    await waitFor(async () => (await remotePods()).includes("web"), { ...SOON, what: "the pod runs at the provider" });
    const node = (await nodeOf("web")) ?? "";

    await kube.remove(liqo.ref(NAMESPACE));
    await waitFor(
      async () => (await object())?.metadata.deletionTimestamp === undefined && (await object()) !== undefined,
      {
        ...SOON,
        what: "made again",
      },
    );
    await kube.patch(liqo.ref(NAMESPACE), { spec: { podOffloadingStrategy: "Local" } });
    await waitFor(async () => textAt(await object(), "spec", "podOffloadingStrategy") === "Remote", SOON);
    await expectPhase(api(), "READY");

    await kube.create(claimOf(NAMESPACE, "data", node));
    await kube.create(endpointsOf(NAMESPACE, "web", node));
    await waitFor(async () => (await rehearseEnd(api(), contract.contractID)).volumes.total === 1, SOON);
    const left = await rehearseEnd(api(), contract.contractID);
    expect(left).toMatchObject({
      looked: true,
      otherContractIDs: [],
      pods: { items: [{ namespace: NAMESPACE, name: "web" }] },
      volumes: { items: [{ namespace: NAMESPACE, name: "data" }] },
      services: { items: [{ namespace: NAMESPACE, name: "web" }] },
      namespaces: { items: [{ namespace: NAMESPACE }] },
    });
    const ofSeller = await rehearseEnd(trade.seller.connector.api, contract.contractID);
    expect(ofSeller.pods.items.map(({ name }) => name)).toContain("web");

    await removePod("web");
    await removeClaims(kube, NAMESPACE);
    expect(await stopOffloading(api(), contract.contractID, NAMESPACE)).toMatchObject({ phase: "REMOVING" });
    await gone();
    await waitFor(async () => (await offloadingsOf(api())).length === 0, SOON);
    await trade.end(contract);
    await clean();
  });

  test("two contracts keep it together; what of them is left keeps what it covers, and it goes with the last", async () => {
    const [first, second] = [await trade.buy(), await trade.buy()];
    await trade.expectUsable(2);
    for (const { contractID } of [first, second]) await offload(api(), contractID, NAMESPACE);
    await expectPhase(api(), "READY");
    await kube.create(podOf(NAMESPACE, "large", "2"));
    await waitFor(async () => (await nodeOf("large")) !== undefined, SOON);
    const half = await rehearseEnd(api(), first.contractID);
    expect(half).toMatchObject({ otherContractIDs: [second.contractID], excess: { cpu: "500m" } });
    await removePod("large");

    await trade.end(first);
    await waitFor(async () => (await offloadingsOf(api())).length === 1, SOON);
    expect(at(await object(), "metadata", "annotations", "catalog.liqo/contract")).toBe(second.contractID);
    await trade.end(second, trade.seller);
    await gone();
    await waitFor(async () => (await offloadingsOf(api())).length === 0, SOON);
    await clean();
  });

  test("it goes and comes with its peering, and an outage of Liqo or of the Connector is made good", async () => {
    const contract = await trade.buy();
    await trade.expectUsable(1);
    await offload(api(), contract.contractID, NAMESPACE);
    await expectPhase(api(), "READY");
    await setPeering(api(), "deletePeering", contract.contractID);
    await gone();
    await expectPhase(api(), "WAITING");
    await setPeering(api(), "createPeering", contract.contractID);
    await trade.expectUsable(1);
    await expectPhase(api(), "READY");

    const { process } = trade.buyer.connector;
    await process.stop();
    await kube.remove(liqo.ref(NAMESPACE));
    await gone();
    await process.start();
    await waitFor(async () => (await object()) !== undefined, { ...SOON, what: "made again after a restart" });
    await expectPhase(api(), "READY");

    liqo.disturbance.fail("namespace-offloading");
    await trade.end(contract);
    await waitFor(async () => (await object())?.metadata.deletionTimestamp !== undefined, SOON);
    await expectPhase(api(), "REMOVING");
    liqo.disturbance.heal("namespace-offloading");
    await gone();
    await clean();
  });

  test("what an admin made by hand stays, and what cannot be offloaded is refused", async () => {
    const contract = await trade.buy();
    await trade.expectUsable(1);
    const { contractID } = contract;
    const own = { ...liqo.kind, metadata: { name: "offloading", namespace: NAMESPACE }, spec: {} };
    const made = await kube.create(own);
    await expect(offload(api(), contractID, NAMESPACE)).rejects.toMatchObject({ code: "OFFLOADING_CONFLICT" });
    await expect(offload(api(), contractID, "nowhere")).rejects.toMatchObject({ code: "NAMESPACE_NOT_FOUND" });
    await expect(offload(api(), contractID, "kube-system")).rejects.toMatchObject({ code: "NAMESPACE_REFUSED" });
    await expect(offload(api(), contractID, "No!")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(offload(trade.seller.connector.api, contractID, NAMESPACE)).rejects.toMatchObject({
      code: "CONTRACT_STATE_INVALID",
    });
    expect(await offloadingsOf(api())).toEqual([]);
    expect((await object())?.metadata.uid).toBe(made.metadata.uid);

    // Handed over, it stays, and is put right once it is wanted.
    await kube.patch(liqo.ref(NAMESPACE), { metadata: { labels: { "catalog.liqo/owner": "connector" } } });
    await offload(api(), contractID, NAMESPACE);
    await expectPhase(api(), "READY");
    expect((await object())?.metadata.uid).toBe(made.metadata.uid);
    expect(JSON.stringify(await object())).toContain(trade.seller.clusterID);
    await trade.end(contract);
    await gone();
    await clean();
  });
});
