import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { composeOffloadings, type Offloadings } from "../../compose/compose-offloadings.js";
import { GRANT_DEFAULTS } from "../../domain/grant.js";
import type { OffloadInput } from "../../domain/offloading.js";
import type { KubeObject } from "../../liqo/kube/kube-api.js";
import { KubeUnavailableError } from "../../liqo/kube/kube.errors.js";
import { KubeOffloading, OFFLOADING_GENERATIONS } from "../../liqo/offloading/kube-offloading.js";
import { ManualOffloading } from "../../liqo/offloading/manual-offloading.js";
import { FakeKube } from "../../liqo/testing/fake-kube.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";
import { PeeringService } from "../peerings/peering.service.js";
import { EndWarningsService } from "./end-warnings.service.js";
import type { OffloadingDriver } from "./offloading-ports.js";

const API = "offloading.liqo.io/v1beta1";
const DAY = 86_400;

let turin: TestCell;
let milan: TestCell;
let paris: TestCell;
let kube: FakeKube;
let offloadings: Offloadings;
let peerings: PeeringService;
let stopping: AbortController;
let running: Promise<unknown>;

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  const settings = { newIDsPerMinute: 1_000 };
  turin = await TestCell.open({ name: "turin", neighbours, settings });
  milan = await TestCell.open({ name: "milan", neighbours, settings });
  paris = await TestCell.open({ name: "paris", neighbours });
  for (const cell of [turin, milan]) await cell.ledger.offers.save(sampleOffer({ quantity: 100 }), "admin");
});
afterAll(() => Promise.all([turin.close(), milan.close(), paris.close()]));

beforeEach(() => {
  kube = new FakeKube();
  for (const name of ["shop", "bank", "kube-system"])
    kube.put({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  peerings = new PeeringService(paris.transact, true);
  start(new KubeOffloading(kube, OFFLOADING_GENERATIONS.v1));
});
afterEach(async () => {
  for (const { contractID, state } of await paris.ledger.contracts.list({ first: 200 }))
    if (state === "ACTIVE") await ended(contractID);
  await waitFor(async () => (await offloadings.service.list()).length === 0, { what: "nothing is left" });
  await stop();
});

function start(driver: OffloadingDriver): void {
  stopping = new AbortController();
  offloadings = composeOffloadings({
    ...{ transact: paris.transact, driver, reserved: ["liqo", "the-catalog"], grants: GRANT_DEFAULTS },
    ...{ changes: paris.changes, log: silentLog(), lookEveryMs: 60_000 },
  });
  running = Promise.all(offloadings.tasks.map((task) => task.run(stopping.signal)));
}

async function stop(): Promise<void> {
  stopping.abort();
  await running;
}

/** A contract of paris in force, whose peering is wanted. */
async function bought(from: TestCell, validUntil: number | null = null): Promise<string> {
  const input = { clusterID: from.clusterID, offerID: "general", planID: "small", validUntil };
  const { contractID } = await paris.ledger.purchases.buy(input, "admin");
  await waitFor(async () => {
    await paris.work();
    const { state, code, message } = await paris.ledger.contracts.get(contractID);
    if (state !== "ACTIVE") throw new Error(`${state} ${code} ${message}`);
    return true;
  });
  await peerings.ensureFor(contractID);
  return contractID;
}

async function ended(contractID: string): Promise<void> {
  await paris.ledger.terminations.terminate(contractID, { reason: null, force: false }, "admin");
}

const object = (namespace = "shop"): KubeObject | undefined =>
  kube.peek({ apiVersion: API, kind: "NamespaceOffloading", namespace, name: "offloading" });
const chosen = (namespace = "shop"): string => JSON.stringify(object(namespace)?.spec ?? null);
const isBoundTo = (cell: TestCell, namespace = "shop"): boolean => chosen(namespace).includes(cell.clusterID);

function offload(contractID: string, change: Partial<OffloadInput> = {}) {
  const shape = { strategy: "REMOTE", mapping: "DEFAULT_NAME", remoteNamespace: null } as const;
  return offloadings.service.offload({ contractID, namespace: "shop", ...shape, ...change }, "admin");
}

/** As Liqo does. */
function makeReady(namespace = "shop"): void {
  const found = object(namespace);
  if (found !== undefined) kube.put({ ...found, status: { offloadingPhase: "Ready" } });
}

async function activity(): Promise<readonly string[]> {
  return (await paris.ledger.activity.list(200)).map((entry) => `${entry.actor} ${entry.action} ${entry.subject}`);
}

describe("a namespace that is offloaded", () => {
  it("is bound, told, kept against whoever edits or removes the object, and set free when the admin stops it", async () => {
    const contractID = await bought(turin);
    const told = await offload(contractID);
    expect(told).toMatchObject({ phase: "WAITING", strategy: "REMOTE", isWanted: true });
    expect(told.message).toContain("not moved");
    await waitFor(() => isBoundTo(turin), { what: "bound" });
    makeReady();
    await waitFor(async () => (await offloadings.service.list(contractID))[0]?.phase === "READY", { what: "ready" });

    kube.drop(object() as KubeObject);
    await waitFor(() => isBoundTo(turin), { what: "made again" });
    await kube.mergePatch(
      { apiVersion: API, kind: "NamespaceOffloading", namespace: "shop", name: "offloading" },
      { spec: { podOffloadingStrategy: "Local", clusterSelector: { nodeSelectorTerms: [] } } },
    );
    await waitFor(() => chosen().includes('"Remote"') && isBoundTo(turin), { what: "put right" });

    expect(await offloadings.service.stop(contractID, "shop", "admin")).toMatchObject({ phase: "REMOVING" });
    await offloadings.service.stop(contractID, "shop", "admin").catch((error: unknown) => {
      expect(error).toMatchObject({ code: "OFFLOADING_NOT_FOUND" });
    });
    await waitFor(async () => (await offloadings.service.list()).length === 0, { what: "forgotten" });
    expect(object()).toBeUndefined();
    for (const entry of [
      "admin offloading.wanted",
      "connector offloading.ready",
      "admin offloading.stopped",
      "connector offloading.removed",
    ])
      expect(await activity()).toContain(`${entry} ${contractID}`);
  });

  it("goes with the contract, and not before the last one of that provider", async () => {
    const [first, second] = [await bought(turin), await bought(turin)];
    await offload(first);
    await offload(second);
    await waitFor(() => object()?.metadata.annotations?.["catalog.liqo/contract"]?.includes(second) === true, {
      what: "both are named",
    });
    const before = chosen();
    await ended(first);
    await waitFor(() => object()?.metadata.annotations?.["catalog.liqo/contract"] === second, { what: "one is left" });
    expect(chosen()).toBe(before);
    await ended(second);
    await waitFor(() => object() === undefined, { what: "the object goes" });
  });

  it("may run at two providers, and loses the one whose contract ends", async () => {
    const [atTurin, atMilan] = [await bought(turin), await bought(milan)];
    await offload(atTurin);
    await offload(atMilan);
    await waitFor(() => isBoundTo(turin) && isBoundTo(milan), { what: "both" });
    await ended(atTurin);
    await waitFor(() => !isBoundTo(turin) && isBoundTo(milan), { what: "milan alone" });
    const answer = offload(atMilan, { strategy: "LOCAL_AND_REMOTE" });
    expect(await answer).toMatchObject({ strategy: "LOCAL_AND_REMOTE" });
    await waitFor(() => chosen().includes("LocalAndRemote"), { what: "the other strategy" });
  });

  it("follows its peering down and up again", async () => {
    const contractID = await bought(turin);
    await offload(contractID);
    await waitFor(() => isBoundTo(turin), { what: "bound" });
    await peerings.remove(contractID, "admin");
    await waitFor(() => object() === undefined, { what: "free" });
    const [paused] = await offloadings.service.list(contractID);
    expect(paused).toMatchObject({ isWanted: true, phase: "WAITING" });
    await peerings.create(contractID, false, "admin");
    await waitFor(() => isBoundTo(turin), { what: "bound again" });
  });

  it("survives an outage and a restart, and nothing that we made outlives its wish", async () => {
    const contractID = await bought(turin);
    kube.before = (verb) => {
      if (verb === "create") throw new KubeUnavailableError({ verb, resource: "x", object: "x" }, "away");
    };
    await offload(contractID);
    await waitFor(async () => (await offloadings.service.list())[0]?.lastError?.includes("away") === true, {
      what: "the outage is told",
    });
    kube.before = () => undefined;
    await waitFor(() => isBoundTo(turin), { what: "bound" });
    await stop();
    kube.drop(object() as KubeObject);
    kube.put({
      apiVersion: API,
      kind: "NamespaceOffloading",
      metadata: {
        name: "offloading",
        namespace: "bank",
        labels: { "catalog.liqo/owner": "connector" },
        annotations: { "catalog.liqo/contract": "an ended one" },
      },
    });
    start(new KubeOffloading(kube, OFFLOADING_GENERATIONS.v1));
    await waitFor(() => isBoundTo(turin) && object("bank") === undefined, { what: "made again, and the stray gone" });
  });
});

describe("what is refused", () => {
  it("changes nothing", async () => {
    const contractID = await bought(turin);
    const over = await bought(milan);
    await ended(over);
    const [sold] = await turin.ledger.contracts.list({ first: 1 });
    kube.put({ apiVersion: API, kind: "NamespaceOffloading", metadata: { name: "offloading", namespace: "bank" } });
    const entries = await activity();
    const before = kube.names();
    const refused = async (change: Partial<OffloadInput>, code: string): Promise<void> => {
      await expect(offload(contractID, change), JSON.stringify(change)).rejects.toMatchObject({ code });
    };
    await refused({ namespace: "No" }, "BAD_USER_INPUT");
    await refused({ namespace: "kube-system" }, "NAMESPACE_REFUSED");
    await refused({ namespace: "the-catalog" }, "NAMESPACE_REFUSED");
    await refused({ namespace: "nowhere" }, "NAMESPACE_NOT_FOUND");
    await refused({ namespace: "bank" }, "OFFLOADING_CONFLICT");
    await refused({ contractID: over }, "CONTRACT_STATE_INVALID");
    await refused({ contractID: "nothing" }, "CONTRACT_NOT_FOUND");
    await expect(offloadings.service.stop(contractID, "shop", "admin")).rejects.toMatchObject({
      code: "OFFLOADING_NOT_FOUND",
    });
    const ofSeller = composeOffloadings({
      ...{ transact: turin.transact, driver: new ManualOffloading(null), reserved: [], grants: GRANT_DEFAULTS },
      ...{ changes: turin.changes, log: silentLog(), lookEveryMs: 60_000 },
    });
    const input = { contractID: sold?.contractID ?? "", namespace: "shop" };
    const shape = { strategy: "LOCAL", mapping: "DEFAULT_NAME", remoteNamespace: null } as const;
    await expect(ofSeller.service.offload({ ...input, ...shape }, "admin")).rejects.toMatchObject({
      code: "CONTRACT_STATE_INVALID",
    });
    expect(await offloadings.service.list()).toEqual([]);
    expect(kube.names()).toEqual(before);
    expect(await activity()).toEqual(entries);
  });

  it("another way for the same namespace", async () => {
    const [first, second] = [await bought(turin), await bought(milan)];
    await offload(first);
    await expect(offload(second, { strategy: "LOCAL" })).rejects.toMatchObject({ code: "OFFLOADING_CONFLICT" });
    await expect(offload(first, { mapping: "ENFORCE_SAME_NAME" })).rejects.toMatchObject({
      code: "OFFLOADING_CONFLICT",
    });
    await offload(second);
    await offload(first, { strategy: "LOCAL" });
    expect((await offloadings.service.list()).map(({ strategy }) => strategy)).toEqual(["LOCAL", "LOCAL"]);
  });
});

describe("by hand", () => {
  it("is written down for all contracts of the namespace, and taken back by a command", async () => {
    await stop();
    start(new ManualOffloading("0.8.1"));
    const contractID = await bought(turin);
    await offload(contractID);
    await waitFor(async () => (await offloadings.service.list())[0]?.phase === "BY_HAND", { what: "by hand" });
    const { manifests, command } = (await offloadings.service.byHand("shop")) ?? {};
    expect(manifests).toContain(turin.clusterID);
    expect(command).toContain(`'liqo.io/remote-cluster-id=${turin.clusterID}'`);
    expect(await offloadings.rehearsals.rehearse(contractID)).toMatchObject({
      isLooked: false,
      namespaces: { items: [{ namespace: "shop", otherContractIDs: [] }] },
    });
    await offloadings.service.stop(contractID, "shop", "admin");
    expect(await offloadings.service.byHand("shop")).toMatchObject({ command: "liqoctl unoffload namespace shop" });
  });
});

describe("the rehearsal of an end", () => {
  it("reads the cluster, and counts what another contract with the provider keeps", async () => {
    const contractID = await bought(turin);
    await offload(contractID);
    const labels = { "liqo.io/type": "virtual-node", "liqo.io/remote-cluster-id": turin.clusterID };
    kube.put({ apiVersion: "v1", kind: "Node", metadata: { name: "liqo-turin", labels } });
    const spec = { nodeName: "liqo-turin", containers: [{ resources: { requests: { cpu: "1" } } }] };
    kube.put({ apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "shop" }, spec });
    const alone = await offloadings.rehearsals.rehearse(contractID);
    expect(alone).toMatchObject({ isLooked: true, otherContractIDs: [], pods: { total: 1 } });
    expect(Object.keys(alone.excess).sort()).toEqual(["cpu", "pods"]);
    const second = await bought(turin);
    await bought(milan);
    expect(await offloadings.rehearsals.rehearse(contractID)).toMatchObject({ otherContractIDs: [second], excess: {} });
    await ended(second);
    await expect(offloadings.rehearsals.rehearse("nothing")).rejects.toMatchObject({ code: "CONTRACT_NOT_FOUND" });
    expect(await offloadings.rehearsals.rehearse(second)).toMatchObject({ pods: { total: 0 } });
  });
});

describe("warnings before the end", () => {
  const warnings = async (contractID: string): Promise<number> =>
    (await activity()).filter((entry) => entry === `connector offloading.ending ${contractID}`).length;
  const sweep = () => new EndWarningsService(paris.transact).sweep();

  afterEach(() => {
    for (const cell of [paris, turin]) cell.offsetMs = 0;
  });

  it("come seven days and one day before, once each, also for a process that was started anew", async () => {
    const now = Math.floor(Date.now() / 1000);
    const contractID = await bought(turin, now + 10 * DAY);
    const unused = await bought(turin, now + 10 * DAY);
    await offload(contractID);
    const at = async (days: number): Promise<readonly number[]> => {
      paris.offsetMs = (10 - days) * DAY * 1000;
      await sweep();
      await sweep();
      return [await warnings(contractID), await warnings(unused)];
    };
    expect(await at(8)).toEqual([0, 0]);
    expect(await at(6.9)).toEqual([1, 0]);
    expect(await at(2)).toEqual([1, 0]);
    expect(await at(0.9)).toEqual([2, 0]);
    expect(await at(0.1)).toEqual([2, 0]);
    paris.offsetMs = 0;
  });

  it("come once where both are due at the same time", async () => {
    const contractID = await bought(turin, Math.floor(Date.now() / 1000) + DAY / 2);
    await offload(contractID);
    await sweep();
    await sweep();
    expect(await warnings(contractID)).toBe(1);
  });
});
