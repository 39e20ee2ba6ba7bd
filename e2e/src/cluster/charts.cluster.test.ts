import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { buy, type ContractView, contractOf, contractsOf, saveOffer, terminate } from "../federation/operations.js";
import { installKinds } from "../kubernetes/fixtures/install-kinds.js";
import { startClusters, type TestClusters } from "../kubernetes/rig/clusters.js";
import { LiqoV1 } from "../kubernetes/stand-in/v1/liqo-v1.js";
import { halfOn } from "../kubernetes/trade-peerings.js";
import { Load, persistently } from "./load.js";
import type { PinnedApi } from "./pinned-api.js";
import { RealCluster, type Release, runGiven, SOON } from "./real-cluster.js";

const IMAGES = { broker: "catalog-broker:0.1.0", connector: "catalog-connector:0.1.0" };
const PORTS = { broker: 30_800, admin: 30_802, contract: 30_803 };
const SERVER = "app.kubernetes.io/component=server";
const DATABASE = "app.kubernetes.io/component=postgresql";
const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  capacity: "DECLARED",
  approval: "AUTO",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.01,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: 500,
      resources: { cpu: "10m", memory: "16Mi" },
    },
  ],
};

let clusters: TestClusters;
let first: RealCluster;
let second: RealCluster;
let hub: Release;
let turin: Release;
let paris: Release;
let broker: PinnedApi;
let seller: PinnedApi;
let buyer: PinnedApi;
const liqos: LiqoV1[] = [];
/** What was bought, by the id of the request. */
const bought = new Map<string, ContractView>();

beforeAll(async () => {
  await makeImages();
  clusters = await startClusters();
  first = await RealCluster.of(clusters.provider, process.env["KUBECONFIG_PROVIDER"] ?? "");
  second = await RealCluster.of(clusters.consumer, process.env["KUBECONFIG_CONSUMER"] ?? "");
  const common = {
    tls: { mode: "self-signed" },
    postgresql: { mode: "bundled" },
    network: { allowCidrs: [first, second].map(({ address }) => `${address}/32`) },
  };
  const url = `https://${first.address}:${PORTS.broker}`;
  const service = { type: "NodePort", nodePort: PORTS.broker };
  hub = { name: "hub", chart: "broker", namespace: "catalog-hub", values: { ...common, publicUrl: url, service } };
  const connector = (name: string, { address }: RealCluster, mode: string): Release => ({
    name,
    chart: "connector",
    namespace: "catalog",
    values: {
      ...common,
      prettyName: name,
      contractEndpoint: `https://${address}:${PORTS.contract}/graphql`,
      liqo: { mode },
      serviceContract: { type: "NodePort", nodePort: PORTS.contract },
      serviceHttp: { type: "NodePort", nodePort: PORTS.admin },
      settings: { NEW_IDS_PER_MINUTE: 1000, PEERING_LOOK: "2s", LIQO_LOOK: "2s", RECONCILE_EVERY: "2s" },
    },
  });
  turin = connector("turin", first, "v1");
  paris = connector("paris", second, "auto");
});
afterAll(async () => {
  for (const api of [broker, seller, buyer]) api?.close();
  await Promise.all(liqos.map((liqo) => liqo.stop()));
  await clusters?.stop();
});

/** Builds the images from our Dockerfiles, where a command for that is given, and brings them into both clusters. */
async function makeImages(): Promise<void> {
  const root = new URL("../../../", import.meta.url).pathname;
  const build = process.env["BUILD_IMAGE"];
  if (build !== undefined && build !== "")
    for (const [part, IMAGE] of Object.entries(IMAGES))
      await runGiven(build, { IMAGE, DOCKERFILE: `${root}${part}/Dockerfile`, CONTEXT: root });
  const load = (command: string | undefined, IMAGE: string): Promise<void> => runGiven(command ?? "", { IMAGE });
  await load(process.env["LOAD_IMAGE"], IMAGES.broker);
  await load(process.env["LOAD_IMAGE"], IMAGES.connector);
  await load(process.env["LOAD_IMAGE_2"], IMAGES.connector);
}

async function installLiqo({ cluster }: RealCluster, clusterID: string): Promise<void> {
  await installKinds(cluster.admin, "v1.2.0");
  liqos.push(await LiqoV1.install(cluster, { clusterID }));
}

async function purchase(requestID: string): Promise<ContractView> {
  const input = { clusterID: "turin", offerID: "general", planID: "small", units: 1, requestID };
  const contract = await buy(buyer, input);
  bought.set(requestID, contract);
  return contract;
}

/** Every purchase is one contract, active on both sides. */
async function expectAllActive(): Promise<void> {
  await waitFor(async () => {
    const [ours, theirs] = await Promise.all([contractsOf(buyer), contractsOf(seller)]);
    const isActive = (all: readonly ContractView[], id: string): boolean =>
      all.some(({ contractID, state }) => contractID === id && state === "ACTIVE");
    const open = [...bought.values()].filter(
      ({ contractID }) => !isActive(ours, contractID) || !isActive(theirs, contractID),
    );
    if (open.length > 0)
      throw new Error(`not active on both sides: ${open.map(({ contractID }) => contractID).join()}`);
    return ours.length === bought.size && theirs.length === bought.size;
  }, SOON);
}

test("the charts install: a Broker and a Connector where Liqo 1.x is, a Connector where no Liqo is yet", async () => {
  await first.makeNamespace(hub.namespace);
  for (const cluster of [first, second]) await cluster.makeNamespace(turin.namespace);
  await installLiqo(first, "turin");
  await Promise.all([first.apply(hub), first.apply(turin), second.apply(paris)]);
  broker = await first.apiOf(PORTS.broker, { namespace: hub.namespace, name: "hub-broker-identity" });
  seller = await first.apiOf(PORTS.admin, { namespace: turin.namespace, name: "connector-identity" });
  buyer = await second.apiOf(PORTS.admin, { namespace: paris.namespace, name: "connector-identity" });
  await persistently(() => broker.request("{ broker { fingerprint } }"));
  const startUps: readonly (readonly [Release, string])[] = [
    [hub, IMAGES.broker],
    [turin, IMAGES.connector],
  ];
  for (const [{ name, namespace }, image] of startUps) {
    const seconds = await first.startUpSeconds(namespace, `${SERVER},app.kubernetes.io/instance=${name}`);
    // The node tells of its images once in a while.
    const bytes = await waitFor(async () => (await first.imageBytes(image)) || undefined, SOON);
    process.stdout.write(`${image}: ${Math.round(bytes / 1e6)} MB, ready ${seconds} s after its container began\n`);
  }
});

test("Liqo that comes after the Connector is found and driven, with the chart's rights alone", async () => {
  const liqo = async (api: PinnedApi): Promise<string> =>
    (await api.request<{ connector: { liqo: { mode: string } } }>("{ connector { liqo { mode } } }")).connector.liqo
      .mode;
  expect(await persistently(() => liqo(buyer))).toBe("auto");
  await installLiqo(second, "paris");
  await waitFor(async () => (await liqo(buyer)) === "v1" && (await liqo(seller)) === "v1", SOON);
});

test("join, offer, find, buy; the peering is made under the chart's rights and policies", async () => {
  for (const api of [seller, buyer]) {
    const { createJoinString } = await broker.request<{ createJoinString: { join: string } }>(
      "mutation { createJoinString { join } }",
    );
    const join = 'mutation ($join: String!) { registerBroker(join: $join, name: "Hub") { brokerID } }';
    // The name of the configuration is taken once Liqo tells the cluster's id.
    await persistently(() => api.request(join, { join: createJoinString.join }));
  }
  await persistently(() => saveOffer(seller, OFFER));
  const found = '{ offer(clusterID: "turin", offerID: "general") { offerName } }';
  await waitFor(() => buyer.request(found), SOON);
  await persistently(() => purchase("first"));
  await expectAllActive();
  await waitFor(async () => {
    const halves = await Promise.all([halfOn(buyer, "CUSTOMER"), halfOn(seller, "PROVIDER")]);
    const open = halves.filter((half) => half?.phase !== "ESTABLISHED");
    if (open.length > 0) throw new Error(JSON.stringify(open));
    return true;
  }, SOON);
});

test("the pages and the API answer through their Services, and only what is healthy is told to be ready", async () => {
  const page = await persistently(() =>
    first.throughService(turin.namespace, "https:connector-ui:http", "/index.html"),
  );
  expect(page).toContain("<html");
  const console = await first.throughService(hub.namespace, "https:hub-broker:graphql", "/index.html");
  expect(console).toContain("<html");
  const metrics = await first.throughService(turin.namespace, "turin-connector-metrics:ops", "/metrics");
  expect(metrics).toContain("catalog_database_available");
});

test("pods that are killed in the middle of purchases come back as who they were, and nothing is lost", async () => {
  const before = await seller.request("{ connector { fingerprint } }");
  const load = new Load((n) => purchase(`killed-${n}`));
  await waitFor(() => load.answered >= 2, SOON);
  await Promise.all([
    first.kill(hub.namespace, SERVER),
    first.kill(turin.namespace, SERVER),
    second.kill(paris.namespace, SERVER),
  ]);
  await waitFor(async () => load.answered >= 4, SOON);
  await first.kill(turin.namespace, DATABASE);
  const killedAt = load.answered;
  await waitFor(async () => load.answered >= killedAt + 2, SOON);
  expect((await load.stop()).failures).toEqual([]);
  expect(await persistently(() => seller.request("{ connector { fingerprint } }"))).toEqual(before);
  await expectAllActive();
});

test("both charts are upgraded under load: no request fails that is not answered when it is repeated", async () => {
  const asked = new Load(() => broker.request("{ broker { fingerprint } }"));
  const purchases = new Load((n) => purchase(`upgraded-${n}`));
  await waitFor(() => asked.answered >= 3 && purchases.answered >= 2, SOON);
  const next = (release: Release): Release => ({
    ...release,
    values: { ...release.values, podAnnotations: { "example.org/revision": "2" } },
  });
  await first.apply(next(hub));
  await Promise.all([first.apply(next(turin)), second.apply(next(paris))]);
  const [ofBroker, ofPurchases] = await Promise.all([asked.stop(), purchases.stop()]);
  process.stdout.write(`repeated: ${ofBroker.repeated} at the Broker, ${ofPurchases.repeated} purchases\n`);
  expect([ofBroker.failures, ofPurchases.failures]).toEqual([[], []]);
  expect(ofBroker.answered).toBeGreaterThan(10);
  await expectAllActive();
});

test("what was bought is ended, and everything that Liqo was given is taken back", async () => {
  for (const { contractID } of bought.values())
    await persistently(async () => {
      const contract = await contractOf(buyer, contractID);
      if (contract?.state === "ACTIVE") await terminate(buyer, contractID, "the end of the test");
    });
  await waitFor(async () => {
    const half = await halfOn(seller, "PROVIDER");
    if (half?.phase !== "GONE") throw new Error(JSON.stringify(half));
    return true;
  }, SOON);
});

test("uninstalled, only what is promised is left", async () => {
  await Promise.all([first.uninstall(hub).then(() => first.uninstall(turin)), second.uninstall(paris)]);
  const promised = (fullname: string, identity: string): readonly string[] =>
    [
      `PersistentVolumeClaim data-${fullname}-postgresql-0`,
      `Secret ${fullname}-postgresql`,
      `Secret ${identity}`,
    ].toSorted();
  const expected: readonly (readonly [RealCluster, Release, readonly string[]])[] = [
    [first, hub, promised("hub-broker", "hub-broker-identity")],
    [first, turin, promised("turin-connector", "connector-identity")],
    [second, paris, promised("paris-connector", "connector-identity")],
  ];
  for (const [cluster, release, names] of expected)
    await waitFor(async () => {
      const left = await cluster.left(release);
      if (left.join() !== names.join()) throw new Error(`left of ${release.name}: ${left.join(", ")}`);
      return true;
    }, SOON);
});
