import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buy, contractOf, saveOffer, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { installKinds, removeKinds } from "./fixtures/install-kinds.js";
import { startClusters, type TestClusters } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, installConnectorAccount, policyObjects } from "./rig/connector-account.js";
import { refOf } from "./rig/kube-object.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { peeringOn } from "./trade-peerings.js";

const SOON = { timeoutMs: 60_000, intervalMs: 100 };
const MILAN_ID = "00000000-0000-4000-8000-0000000000bb";
const PLAN = {
  planID: "small",
  planName: "Small",
  planCost: 0.05,
  planCostCurrency: "EUR",
  planCostPeriod: "hour",
  planQuantity: 5,
  resources: { cpu: "1", ram: "1Gi" },
};
const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  plans: [PLAN],
};
const CONTROLLER_MANAGER = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  namespace: "liqo",
  name: "liqo-controller-manager",
};
const CLUSTER_ID = { apiVersion: "v1", kind: "ConfigMap", namespace: "liqo", name: "liqo-clusterid-configmap" };

let clusters: TestClusters;
let folder: string;
let running: TestFederation;
const liqos: { stop(): Promise<void> }[] = [];
let milanLiqo: LiqoV0;

interface Seen {
  readonly clusterParameters: { readonly clusterID: string } | null;
  readonly liqo: { readonly mode: string; readonly version: string | null };
  readonly warnings: readonly string[];
}

async function seenBy({ api }: RunningConnector): Promise<Seen> {
  const { connector } = await api.request<{ connector: Seen }>(
    "{ connector { clusterParameters { clusterID } liqo { mode version } warnings } }",
  );
  return connector;
}

async function drives(connector: RunningConnector, mode: string, clusterID: string): Promise<void> {
  await waitFor(async () => {
    const { clusterParameters, liqo } = await seenBy(connector);
    if (liqo.mode === mode && clusterParameters?.clusterID === clusterID) return true;
    throw new Error(`${liqo.mode} ${liqo.version} ${clusterParameters?.clusterID} instead of ${mode} ${clusterID}`);
  }, SOON);
}

const rome = (): RunningConnector => running.federation.connector("rome");
const milan = (): RunningConnector => running.federation.connector("milan");

/** Buys from rome and waits until the contract is active. */
async function bought(clusterID: string): Promise<string> {
  const order = { clusterID, offerID: "general", planID: "small", units: 1 };
  const { contractID } = await buy(milan().api, order);
  await waitFor(async () => {
    const contract = await contractOf(milan().api, contractID);
    if (contract?.state === "ACTIVE") return true;
    throw new Error(JSON.stringify(contract));
  }, SOON);
  return contractID;
}

async function areBoth(phase: string): Promise<void> {
  await waitFor(async () => {
    const told = [await peeringOn(milan().api, "CUSTOMER"), await peeringOn(rome().api, "PROVIDER")];
    if (told.every((one) => one?.phase === phase)) return true;
    throw new Error(told.map((one) => `${one?.side} ${one?.phase}: ${one?.message} ${one?.lastError}`).join("; "));
  }, SOON);
}

beforeAll(async () => {
  clusters = await startClusters();
  folder = await mkdtemp(join(tmpdir(), "catalog-auto-"));
  for (const { admin } of [clusters.provider, clusters.consumer])
    await admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: "liqo" } });
  const files = { rome: join(folder, "rome.kubeconfig"), milan: join(folder, "milan.kubeconfig") };
  await writeFile(files.rome, await installConnectorAccount(clusters.provider, "v1"), { mode: 0o600 });
  await writeFile(files.milan, await installConnectorAccount(clusters.consumer, "v0"), { mode: 0o600 });
  running = await startFederation(
    ["rome", "milan"],
    (name) => ({
      LIQO_MODE: "auto",
      LIQO_LOOK: "1s",
      PEERING_LOOK: "2s",
      POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace,
      KUBECONFIG: name === "rome" ? files.rome : files.milan,
    }),
    async (federation) => {
      for (const name of ["rome", "milan"])
        expect(await seenBy(federation.connector(name))).toMatchObject({
          clusterParameters: null,
          liqo: { mode: "auto" },
        });
      await Promise.all([
        installKinds(clusters.provider.admin, "v1.2.0"),
        installKinds(clusters.consumer.admin, "v0.8.1"),
      ]);
      liqos.push(await LiqoV1.install(clusters.provider, { clusterID: "rome" }));
      const address = federation.connector("milan").grpc.replace("localhost", "127.0.0.1");
      milanLiqo = await LiqoV0.install(clusters.consumer, {
        clusterID: MILAN_ID,
        clusterName: "milan",
        plugin: { address, wire: "v0.8" },
      });
      liqos.push(milanLiqo);
      await drives(federation.connector("rome"), "v1", "rome");
      await drives(federation.connector("milan"), "v0.8", MILAN_ID);
    },
  );
});
afterAll(async () => {
  await Promise.all(liqos.map((liqo) => liqo.stop()));
  await running?.stop();
  await clusters?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test("Liqo that comes later is driven, another generation in its place too, and a new id of the cluster is told", async () => {
  await milanLiqo.stop();
  for (const ref of [CONTROLLER_MANAGER, CLUSTER_ID]) await clusters.consumer.admin.remove(ref);
  await waitFor(async () => (await seenBy(milan())).liqo.mode === "auto" || undefined, SOON);
  await removeKinds(clusters.consumer.admin, "v0.8.1");
  await installKinds(clusters.consumer.admin, "v1.2.0");
  for (const object of await policyObjects("v1")) {
    const { admin } = clusters.consumer;
    if ((await admin.get(refOf(object))) === undefined) await admin.ensure(object);
    else await admin.patch(refOf(object), object);
  }
  liqos.push(await LiqoV1.install(clusters.consumer, { clusterID: "milan" }));
  await drives(milan(), "v1", "milan");

  await waitFor(async () => {
    const query = "{ knownClusters { clusterID } }";
    const { knownClusters } = await rome().api.request<{ knownClusters: { clusterID: string }[] }>(query);
    return knownClusters.some(({ clusterID }) => clusterID === "milan");
  }, SOON);
  await saveOffer(rome().api, OFFER);
  await waitFor(async () => {
    const { offers } = await milan().api.request<{ offers: { nodes: unknown[] } }>("{ offers { nodes { offerID } } }");
    return offers.nodes.length > 0;
  }, SOON);
  const first = await bought("rome");
  await areBoth("ESTABLISHED");
  const { otherSide } = (
    await milan().api.request<{ peering: { otherSide: { phase: string; granted: Record<string, string> } } }>(
      `{ peering(contractID: "${first}") { otherSide { phase granted } } }`,
    )
  ).peering;
  expect(otherSide.phase).toMatch(/ESTABLISHED|CONNECTING|WAITING/);
  await terminate(milan().api, first, "no longer needed");
  await areBoth("GONE");

  const second = await bought("rome");
  await clusters.provider.admin.patch(CLUSTER_ID, { data: { CLUSTER_ID: "rome-two" } });
  await drives(rome(), "v1", "rome-two");
  const told = (await seenBy(rome())).warnings.find((warning) => warning.includes("rome-two"));
  expect(told).toContain(second);
});
