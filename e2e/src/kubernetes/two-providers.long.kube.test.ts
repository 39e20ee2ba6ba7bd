import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buy, contractOf, saveOffer, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { installKinds } from "./fixtures/install-kinds.js";
import { startCluster, startClusters, type TestCluster } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, type Generation, installConnectorAccount } from "./rig/connector-account.js";
import { type Inventory, inventoryOf, isLeftByLiqo, leftOver } from "./rig/inventory.js";
import { at, type KubeObject, labelOf } from "./rig/kube-object.js";
import { PlayedOffloading } from "./stand-in/played-offloading.js";
import { RESOURCE_OFFER } from "./stand-in/v0/kinds.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { LABEL, NODE, QUOTA } from "./stand-in/v1/kinds.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { expectPhase, makeNamespace, offload, podOf } from "./trade-offloads.js";
import { peeringsOf } from "./trade-peerings.js";
import { isLeftByLiqoV0, SOON } from "./trade-world.js";

const SHOP = "shop";
const isOurs = process.env["KUBECONFIG_PROVIDER"] === undefined;
const NAMES = ["milan", "rome", "turin"] as const;
type Name = (typeof NAMES)[number];
type Provider = Exclude<Name, "milan">;
/** What a unit of each provider has. */
const CPU: Readonly<Record<Provider, string>> = { rome: "1500m", turin: "700m" };

interface Case {
  readonly generation: Generation;
  readonly mode: string;
  readonly kinds: "v0.8.1" | "v1.2.0";
  readonly install: (cluster: TestCluster, name: string, grpc: string) => Promise<{ stop(): Promise<void> }>;
  /** Liqo 0.x dials its Connector when it starts. */
  readonly needsConnector: boolean;
  readonly isLeft: (object: KubeObject) => boolean;
  readonly given: (provider: TestCluster) => Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    generation: "v1",
    mode: "v1",
    kinds: "v1.2.0",
    install: (cluster, name) => LiqoV1.install(cluster, { clusterID: name }),
    needsConnector: false,
    isLeft: isLeftByLiqo,
    given: async ({ admin }) => (await admin.list(QUOTA)).map((quota) => at(quota, "spec", "resources", "cpu")),
  },
  {
    generation: "v0",
    mode: "v0.8",
    kinds: "v0.8.1",
    install: (cluster, name, grpc) =>
      LiqoV0.install(cluster, {
        clusterID: name,
        clusterName: name,
        isIncomingByDefault: false,
        plugin: { address: grpc.replace("localhost", "127.0.0.1"), wire: "v0.8" },
      }),
    needsConnector: true,
    isLeft: isLeftByLiqoV0,
    given: async ({ admin }) =>
      (await admin.list(RESOURCE_OFFER)).map((offer) => at(offer, "spec", "resourceQuota", "hard", "cpu")),
  },
];

describe.runIf(isOurs).each(CASES)("two providers of one customer, mode $mode", (given) => {
  const stops: (() => Promise<void>)[] = [];
  const clusters = new Map<string, TestCluster>();
  let running: TestFederation;
  let liqo: PlayedOffloading;
  let before: readonly Inventory[];
  const clusterOf = (name: string): TestCluster => {
    const cluster = clusters.get(name);
    if (cluster === undefined) throw new Error(`no cluster ${name}`);
    return cluster;
  };
  const connector = (name: Name): RunningConnector => running.federation.connector(name);
  const inventories = (): Promise<readonly Inventory[]> =>
    Promise.all(NAMES.map((name) => inventoryOf(clusterOf(name).admin, given.isLeft)));

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "catalog-two-"));
    stops.unshift(() => rm(folder, { recursive: true, force: true }));
    const [pair, third] = await Promise.all([startClusters(), startCluster()]);
    stops.unshift(
      () => pair.stop(),
      () => third.stop(),
    );
    for (const [name, cluster] of [
      ["milan", pair.consumer],
      ["rome", pair.provider],
      ["turin", third],
    ] as const)
      clusters.set(name, cluster);
    const install = async (grpcOf: (name: Name) => string): Promise<void> => {
      for (const name of NAMES) {
        const liqoThere = await given.install(clusterOf(name), name, grpcOf(name));
        stops.unshift(() => liqoThere.stop());
      }
    };
    for (const name of NAMES) {
      await installKinds(clusterOf(name).admin, given.kinds);
      await clusterOf(name).admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: "liqo" } });
      const login = await installConnectorAccount(clusterOf(name), given.generation);
      await writeFile(join(folder, name), login, { mode: 0o600 });
    }
    if (!given.needsConnector) await install(() => "");
    const env = { LIQO_MODE: given.mode, POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace, PEERING_LOOK: "2s" };
    running = await startFederation(
      NAMES,
      (name) => ({ ...env, KUBECONFIG: join(folder, name) }),
      async (federation) => {
        if (given.needsConnector) await install((name) => federation.connector(name).grpc);
      },
    );
    stops.unshift(() => running.stop());
    const home = { clusterID: "milan", cluster: clusterOf("milan") };
    const providers = (["rome", "turin"] as const).map((name) => ({ clusterID: name, cluster: clusterOf(name) }));
    liqo = new PlayedOffloading({ generation: given.generation, home, providers });
    liqo.start();
    stops.unshift(() => liqo.stop());
    await makeNamespace(clusterOf("milan").admin, SHOP);
    before = await inventories();
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  async function sell(name: Provider): Promise<void> {
    await saveOffer(connector(name).api, {
      // The same names at both: what they sell must be told apart by who sells it.
      offerID: "general",
      offerName: "General purpose",
      offerType: "compute",
      approval: "AUTO",
      plans: [
        {
          planID: "small",
          planName: "Small",
          planCost: 0.05,
          planCostCurrency: "EUR",
          planCostPeriod: "hour",
          planQuantity: 5,
          resources: { cpu: CPU[name], ram: "1Gi" },
        },
      ],
    });
    await waitFor(async () => {
      const { offers } = await connector("milan").api.request<{ offers: { nodes: { clusterID: string }[] } }>(
        "{ offers(filter: { onlyAvailable: true }) { nodes { clusterID } } }",
      );
      return offers.nodes.some(({ clusterID }) => clusterID === name);
    }, SOON);
  }

  async function bought(name: Provider, units: number): Promise<string> {
    const order = { clusterID: name, offerID: "general", planID: "small", units };
    const { contractID } = await buy(connector("milan").api, order);
    await waitFor(async () => (await contractOf(connector("milan").api, contractID))?.state === "ACTIVE", SOON);
    return contractID;
  }

  const nodes = async (): Promise<Readonly<Record<string, unknown>>> => {
    const all = await clusterOf("milan").admin.list(NODE, { labelSelector: "liqo.io/type=virtual-node" });
    return Object.fromEntries(
      all.map((node) => [labelOf(node, LABEL.remoteCluster), at(node, "status", "allocatable", "cpu")]),
    );
  };

  /** Waits until each provider gives so many CPUs, the customer has nodes of just them, and each peering that is told stands. */
  async function expectUsable(wanted: Partial<Record<Provider, string>>): Promise<void> {
    await waitFor(async () => {
      const seen = {
        nodes: await nodes(),
        rome: await given.given(clusterOf("rome")),
        turin: await given.given(clusterOf("turin")),
        phases: Object.fromEntries(
          (await peeringsOf(connector("milan").api)).map(({ peer, phase }) => [peer.clusterID, phase]),
        ),
      };
      expect(seen).toMatchObject({
        nodes: wanted,
        rome: wanted.rome === undefined ? [] : [wanted.rome],
        turin: wanted.turin === undefined ? [] : [wanted.turin],
        phases: Object.fromEntries(Object.keys(wanted).map((name) => [name, "ESTABLISHED"])),
      });
      expect(Object.keys(seen.nodes).sort()).toEqual(Object.keys(wanted).sort());
      return true;
    }, SOON);
  }

  /** The providers that Liqo has chosen for the namespace, and those that hold a twin of it. */
  async function offloadedTo(): Promise<readonly string[]> {
    const offloading = await clusterOf("milan").admin.get(liqo.ref(SHOP));
    const chosen = Object.keys(at(offloading, "status", "remoteNamespacesConditions") ?? {});
    const holders = [];
    for (const name of ["rome", "turin"] as const) {
      const twin = { apiVersion: "v1", kind: "Namespace", name: `${SHOP}-milan` };
      if ((await clusterOf(name).admin.get(twin)) !== undefined) holders.push(name);
    }
    expect(chosen.sort()).toEqual(holders);
    return holders;
  }

  test("in one namespace: each gives what it sold, and one that ends leaves the other as it is", async () => {
    const milan = clusterOf("milan").admin;
    await Promise.all([sell("rome"), sell("turin")]);
    const [ofRome, ofTurin] = await Promise.all([bought("rome", 2), bought("turin", 3)]);
    await expectUsable({ rome: "3", turin: "2100m" });
    for (const contractID of [ofRome, ofTurin]) await offload(connector("milan").api, contractID, SHOP);
    await expectPhase(connector("milan").api, "READY");
    await waitFor(async () => (await offloadedTo()).join() === "rome,turin", SOON);
    expect(await milan.list(liqo.kind)).toHaveLength(1);
    await milan.create(podOf(SHOP, "web", "100m"));
    const pod = { apiVersion: "v1", kind: "Pod", namespace: SHOP, name: "web" };
    await waitFor(async () => at(await milan.get(pod), "spec", "nodeName") !== undefined, SOON);

    const [object] = await milan.list(liqo.kind);
    await terminate(connector("milan").api, ofRome, "no longer needed");
    await expectUsable({ turin: "2100m" });
    await waitFor(async () => (await offloadedTo()).join() === "turin", SOON);
    const [same] = await milan.list(liqo.kind);
    expect(same?.metadata.uid, "the namespace was never let go").toBe(object?.metadata.uid);
    await waitFor(async () => leftOver(before[1] ?? new Set(), (await inventories())[1] ?? new Set()).length === 0, {
      ...SOON,
      what: "nothing is left at rome",
    });

    await milan.remove(pod);
    await waitFor(async () => (await milan.get(pod)) === undefined, SOON);
    await terminate(connector("milan").api, ofTurin, "no longer needed");
    await waitFor(
      async () => {
        const left = (await inventories()).map((now, index) => leftOver(before[index] ?? new Set(), now));
        if (left.flat().length > 0) throw new Error(left.map((lines) => lines.join(", ")).join("; "));
        return true;
      },
      { ...SOON, what: "nothing is left anywhere" },
    );
  });
});
