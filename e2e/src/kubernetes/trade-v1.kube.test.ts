import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buy, type ContractView, contractOf, ownStockOf, saveOffer, terminate } from "../federation/operations.js";
import { policyObjects } from "./rig/connector-account.js";
import { type Inventory, inventoryOf, isLeftByLiqo, leftOver } from "./rig/inventory.js";
import { at, textAt } from "./rig/kube-object.js";
import { QUOTA, VIRTUAL_NODE } from "./stand-in/v1/kinds.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { peeringOn } from "./trade-peerings.js";
import { startTradingV1, type TradingCluster, type TradingClusters } from "./trading-clusters.js";

const SOON = { timeoutMs: 60_000, intervalMs: 100 };
const STOCK = 6;
const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  labels: { zone: "north" },
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.05,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: STOCK,
      resources: { cpu: "1500m", ram: "2Gi" },
    },
  ],
};
const POLICY = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" };

let trading: TradingClusters<LiqoV1>;
let before: { provider: Inventory; consumer: Inventory };

const stateOn = async ({ connector }: TradingCluster<LiqoV1>, contractID: string): Promise<string | undefined> =>
  (await contractOf(connector.api, contractID))?.state;
const stock = (): Promise<number | undefined> => ownStockOf(trading.provider.connector.api, "general", "small");

/** Throws how both sides stand instead of answering false. */
async function arePeerings(phase: string): Promise<boolean> {
  const told = [
    await peeringOn(trading.consumer.connector.api, "CUSTOMER"),
    await peeringOn(trading.provider.connector.api, "PROVIDER"),
  ];
  if (told.every((peering) => peering?.phase === phase)) return true;
  throw new Error(
    told.map((one) => `${one?.side} ${one?.phase}: ${one?.message} ${one?.whatToDo} ${one?.lastError}`).join("; "),
  );
}

/** Buys; it is answered when the contract is active, or after five seconds as it stands then. */
async function order(units: number): Promise<ContractView> {
  const { provider, consumer } = trading;
  return buy(consumer.connector.api, {
    clusterID: provider.clusterID,
    offerID: "general",
    planID: "small",
    units,
  });
}

async function activeOnBoth(contractID: string): Promise<void> {
  for (const side of [trading.consumer, trading.provider])
    await waitFor(async () => (await stateOn(side, contractID)) === "ACTIVE", SOON);
}

/** Waits until the Quota at the provider and the virtual node at the consumer have exactly so much CPU. */
async function expectCpu(cpu: string): Promise<void> {
  await waitFor(async () => {
    const [quota] = await trading.provider.cluster.admin.list(QUOTA);
    const [node] = await trading.consumer.cluster.admin.list(VIRTUAL_NODE);
    const shown = [at(quota, "spec", "resources", "cpu"), at(node, "spec", "resourceQuota", "hard", "cpu")];
    if (shown.every((one) => one === cpu)) return true;
    throw new Error(`cpu: ${shown.join(" and ")} instead of ${cpu}`);
  }, SOON);
}

beforeAll(async () => {
  trading = await startTradingV1({ LIQO_MODE: "auto" });
  before = {
    provider: await inventoryOf(trading.provider.cluster.admin, isLeftByLiqo),
    consumer: await inventoryOf(trading.consumer.cluster.admin, isLeftByLiqo),
  };
  await saveOffer(trading.provider.connector.api, OFFER);
  await waitFor(async () => {
    const { offers } = await trading.consumer.connector.api.request<{ offers: { nodes: unknown[] } }>(
      "{ offers(filter: { onlyAvailable: true }) { nodes { clusterID } } }",
    );
    return offers.nodes.length > 0;
  }, SOON);
});
afterAll(() => trading?.stop());

test("bought, usable, grown, shrunk, ended; the stock comes back when nothing is left", async () => {
  const { contractID: first } = await order(1);
  await activeOnBoth(first);
  await waitFor(() => arePeerings("ESTABLISHED"), SOON);
  await expectCpu("1500m");
  const [node] = await trading.consumer.cluster.admin.list(VIRTUAL_NODE);
  expect(textAt(node, "spec", "labels", "zone")).toBe("north");

  const { contractID: second } = await order(2);
  await activeOnBoth(second);
  await expectCpu("4500m");
  expect(await stock()).toBe(STOCK - 3);

  await terminate(trading.consumer.connector.api, first, "no longer needed");
  await expectCpu("3");
  await terminate(trading.provider.connector.api, second, "sold elsewhere");
  await waitFor(() => arePeerings("GONE"), SOON);
  await waitFor(async () => (await stock()) === STOCK, SOON);
  await waitFor(async () => {
    const left = [
      ...leftOver(before.provider, await inventoryOf(trading.provider.cluster.admin, isLeftByLiqo)),
      ...leftOver(before.consumer, await inventoryOf(trading.consumer.cluster.admin, isLeftByLiqo)),
    ];
    if (left.length > 0) throw new Error(`left over: ${left.join(", ")}`);
    return true;
  }, SOON);
});

test("without a policy nothing becomes active, and the admin is told; once it is back the contract does", async () => {
  const { admin } = trading.provider.cluster;
  const { api, process } = trading.provider.connector;
  const name = "catalog-slice-status";
  await admin.remove({ ...POLICY, name });
  await process.stop();
  await process.start();
  const warnings = async (): Promise<string> =>
    (await api.request<{ connector: { warnings: string[] } }>("{ connector { warnings } }")).connector.warnings.join();
  await waitFor(async () => (await warnings()).includes(name), SOON);

  const { contractID, state } = await order(1);
  expect(state).toBe("CONFIRMED");
  await waitFor(async () => (await stateOn(trading.provider, contractID)) === "CONFIRMED", SOON);
  const metrics = await (await fetch(`${trading.provider.connector.opsUrl}/metrics`)).text();
  expect(metrics).toMatch(/catalog_selling_allowed\S* 0$/m);
  for (const object of await policyObjects("v1")) await admin.ensure(object);
  await activeOnBoth(contractID);
  expect(await warnings()).not.toContain(name);
  await waitFor(() => arePeerings("ESTABLISHED"), SOON);
  await terminate(trading.consumer.connector.api, contractID, "no longer needed");
  await waitFor(() => arePeerings("GONE"), SOON);
});
