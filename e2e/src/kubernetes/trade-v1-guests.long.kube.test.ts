import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CONNECTOR_ACCOUNT, policyObjects } from "./rig/connector-account.js";
import { inventoryOf, isLeftByLiqo, leftOver } from "./rig/inventory.js";
import { at, type KubeObject, textAt } from "./rig/kube-object.js";
import { HandMadePeering } from "./stand-in/v1/hand.js";
import { QUOTA, SECRET, SLICE, sliceCondition, sliceUser } from "./stand-in/v1/kinds.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { STOCK } from "./trade-books.js";
import { TradeV1 } from "./trade-books-v1.js";
import { GrantWatch } from "./trade-grants.js";
import { peeringOn } from "./trade-peerings.js";
import { type Party, SOON, TradeWorld } from "./trade-world.js";

let world: TradeWorld<LiqoV1>;
let trade: TradeV1;
let rome: Party<LiqoV1>;
let milan: Party<LiqoV1>;
let byHand: HandMadePeering;

beforeAll(async () => {
  world = await TradeWorld.startV1();
  ({ rome, milan } = world);
  trade = new TradeV1(rome, milan);
  byHand = new HandMadePeering(
    { admin: rome.cluster.admin, clusterID: rome.clusterID },
    { admin: milan.cluster.admin, clusterID: milan.clusterID },
    milan.liqo.installation.keys,
  );
  await trade.advertise();
});
afterAll(() => world?.stop());

afterEach(async () => {
  await trade.endAll();
  await byHand.takeDown();
  await trade.expectGone();
  await world.expectNothingLeft();
});

/** Everything that the admins made by hand, with what it says. */
async function handMade(): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    [rome, milan].map(async ({ cluster, before }) => {
      const lines = new Set(leftOver(before, await inventoryOf(cluster.admin, isLeftByLiqo)));
      return (await cluster.admin.list(SLICE)).filter(({ metadata }) =>
        lines.has(`${SLICE.apiVersion}/${SLICE.kind} ${metadata.namespace}/${metadata.name}`),
      );
    }),
  );
  return lists.flat();
}

const quotaOf = (slice: string): Promise<KubeObject | undefined> =>
  rome.cluster.admin.get({
    ...QUOTA,
    namespace: trade.namespaceAtSeller,
    name: sliceUser(slice, milan.clusterID),
  });
const uidsOf = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.uid ?? "").sort();

test("slices that a customer makes itself share what it has bought with that of the Connector, and get nothing more", async () => {
  await byHand.peer();
  await byHand.createSlice("mine", "catalog", { cpu: "1", memory: "1Gi" });
  await waitFor(async () => sliceCondition(await byHand.slice("mine"), "Resources") === "Denied", SOON);
  const conditions = JSON.stringify(at(await byHand.slice("mine"), "status", "conditions"));
  expect(conditions).toContain("there is no active contract");
  const watch = new GrantWatch(trade);
  const contract = await trade.buy(2);
  await trade.expectUsable(2);
  await watch.settled();
  expect(at(await byHand.slice("mine"), "status", "resources", "cpu")).toBe("1");
  expect(at(await milan.cluster.admin.get(trade.slice), "status", "resources", "cpu")).toBe("2");
  await byHand.createSlice("greedy", "catalog", { cpu: "100" });
  await waitFor(async () => sliceCondition(await byHand.slice("greedy"), "Resources") === "Denied", SOON);
  const more = await trade.buy();
  await trade.expectUsable(3);
  await watch.settled();
  await trade.end(more);
  await trade.expectUsable(2);
  await watch.settled();
  await trade.end(contract);
  await waitFor(() => trade.is("GONE"), SOON);
  await waitFor(async () => at(await quotaOf("mine"), "spec", "resources", "cpu") === "0", SOON);
  await watch.stop();
  expect(watch.excesses).toEqual([]);
});

test("a peering made by hand is used by a contract, left as it is afterwards, and nothing of the Connector stays in it", async () => {
  await byHand.peer();
  const tenant = await byHand.tenant();
  const kubeconfig = {
    ...SECRET,
    namespace: trade.namespaceAtBuyer,
    name: `kubeconfig-controlplane-${rome.clusterID}`,
  };
  await waitFor(async () => (await milan.cluster.admin.get(kubeconfig)) !== undefined, SOON);
  const before = await Promise.all([rome, milan].map(({ cluster }) => inventoryOf(cluster.admin, isLeftByLiqo)));
  const contract = await trade.buy();
  await trade.expectUsable(1);
  await trade.end(contract);
  await waitFor(() => trade.is("GONE"), SOON);
  expect((await peeringOn(rome.connector.api, "PROVIDER"))?.message).toMatch(/made by hand and is left alone/);
  expect((await byHand.tenant())?.["spec"]).toEqual(tenant?.["spec"]);
  await waitFor(async () => {
    const now = await Promise.all([rome, milan].map(({ cluster }) => inventoryOf(cluster.admin, isLeftByLiqo)));
    const changes = now.flatMap((after, index) => {
      const then = before[index] ?? new Set<string>();
      return [...leftOver(then, after), ...leftOver(after, then)];
    });
    // Liqo keeps the certificate of a slice that is gone.
    const ours = changes.filter((line) => !line.includes("liqo-remote-certificate-"));
    if (ours.length > 0) throw new Error(`changed: ${ours.join(", ")}`);
    return true;
  }, SOON);
});

test("a peer that the policies exempt keeps what Liqo gives it beside its contract, untouched by the Connector, and the admin is told", async () => {
  const parameters = (await policyObjects("v1", "--exempt", milan.clusterID)).find(({ kind }) => kind === "ConfigMap");
  const ref = {
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: CONNECTOR_ACCOUNT.namespace,
    name: textAt(parameters, "metadata", "name") ?? "",
  };
  const before = await rome.cluster.admin.get(ref);
  await rome.cluster.admin.patch(ref, { data: parameters?.["data"] });
  await byHand.peer();
  await byHand.createSlice("old", "default", { cpu: "7" });
  await waitFor(async () => at(await quotaOf("old"), "spec", "resources", "cpu") === "7", SOON);
  const made = await handMade();
  expect(made).toHaveLength(2);
  const contract = await trade.buy();
  await waitFor(() => trade.is("ESTABLISHED"), SOON);
  // The policies are compared with who has a contract at the start, and every few minutes.
  await rome.connector.process.kill();
  await rome.connector.process.start();
  await waitFor(async () => (await warnings()).some((warning) => warning.includes(milan.clusterID)), {
    ...SOON,
    what: "the admin is told that a customer is exempt",
  });
  await trade.end(contract);
  await waitFor(() => trade.is("GONE"), SOON);
  await waitFor(async () => (await trade.stock()) === STOCK, SOON);
  expect(at(await quotaOf("old"), "spec", "resources", "cpu")).toBe("7");
  expect(uidsOf(await handMade())).toEqual(uidsOf(made));
  await rome.cluster.admin.patch(ref, { data: before?.["data"] });
});

async function warnings(): Promise<readonly string[]> {
  const { connector } = await rome.connector.api.request<{ connector: { warnings: string[] } }>(
    "{ connector { warnings } }",
  );
  return connector.warnings;
}
