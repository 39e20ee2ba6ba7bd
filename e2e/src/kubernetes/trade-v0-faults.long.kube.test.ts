import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { buy, contractOf } from "../federation/operations.js";
import { at, type KubeObject, type ObjectRef } from "./rig/kube-object.js";
import { FOREIGN_CLUSTER, RESOURCE_OFFER, SECRET } from "./stand-in/v0/kinds.js";
import type { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { STOCK } from "./trade-books.js";
import { TradeV0 } from "./trade-books-v0.js";
import { connectorLogin } from "./trade-login.js";
import { peeringOn, type PeeringView } from "./trade-peerings.js";
import { type Party, SOON, TradeWorld } from "./trade-world.js";

let world: TradeWorld<LiqoV0>;
let trade: TradeV0;
let rome: Party;
let milan: Party;

beforeAll(async () => {
  world = await TradeWorld.startV0({
    wire: "v0.9",
    isIncomingByDefault: false,
    env: { PEERING_LOOK: "2s", NEW_IDS_PER_MINUTE: "1000" },
  });
  ({ rome, milan } = world);
  trade = new TradeV0(rome, milan, "v0.9");
  await trade.advertise();
});
afterAll(() => world?.stop());

/** Whatever went wrong in between, a trade ends with two empty clusters and the whole stock. */
afterEach(async () => {
  await trade.endAll();
  await trade.expectGone();
  await world.expectNothingLeft();
});

const customer = (): Promise<PeeringView | undefined> => peeringOn(milan.connector.api, "CUSTOMER");
const provider = (): Promise<PeeringView | undefined> => peeringOn(rome.connector.api, "PROVIDER");
const toRome = { ...FOREIGN_CLUSTER, name: "rome" };
const fromMilan = { ...FOREIGN_CLUSTER, name: "milan" };
const tokenSecret = (): ObjectRef => ({ ...SECRET, namespace: "liqo", name: `remote-token-${rome.clusterID}` });
const restart = async ({ connector }: Party): Promise<void> => {
  await connector.process.kill();
  await connector.process.start();
};

test("what is deleted or changed by hand comes back", async () => {
  const contract = await trade.buy();
  await trade.expectUsable(1);
  const uidOf = async (party: Party, ref: ObjectRef): Promise<string | undefined> =>
    (await party.cluster.admin.get(ref))?.metadata.uid;
  for (const [party, ref] of [
    [milan, tokenSecret()],
    [milan, toRome],
    [rome, fromMilan],
  ] as const) {
    const before = await uidOf(party, ref);
    await party.cluster.admin.remove(ref);
    await waitFor(async () => ![undefined, before].includes(await uidOf(party, ref)), { ...SOON, what: ref.name });
    await trade.expectUsable(1);
  }
  await rome.cluster.admin.patch(fromMilan, { spec: { incomingPeeringEnabled: "No" } });
  await waitFor(async () => switchOf(await rome.cluster.admin.get(fromMilan), "incoming") === "Yes", SOON);
  await milan.cluster.admin.patch(toRome, { spec: { outgoingPeeringEnabled: "No" } });
  await waitFor(async () => switchOf(await milan.cluster.admin.get(toRome), "outgoing") === "Yes", SOON);
  await trade.expectUsable(1);
  await trade.end(contract);
});

test("a provider's Connector that Liqo has not asked since its start still changes what Liqo offers", async () => {
  const first = await trade.buy();
  await trade.expectUsable(1);
  await restart(rome);
  const second = await trade.buy(2);
  await trade.expectUsable(3);
  await restart(rome);
  await trade.end(first);
  await trade.expectUsable(2);
  await trade.end(second);
});

test("a contract that runs out while both Connectors are dead is taken back when they live", async () => {
  const order = { clusterID: rome.clusterID, offerID: "general", planID: "small" };
  const validUntil = Math.floor(Date.now() / 1000) + 8;
  const contract = await buy(milan.connector.api, { ...order, validUntil });
  await waitFor(() => trade.is("ESTABLISHED"), SOON);
  await Promise.all([rome, milan].map(({ connector }) => connector.process.kill()));
  await waitFor(() => Date.now() / 1000 > validUntil, SOON);
  await Promise.all([rome, milan].map(({ connector }) => connector.process.start()));
  await waitFor(async () => (await contractOf(rome.connector.api, contract.contractID))?.state === "EXPIRED", SOON);
});

test("a customer that is gone keeps neither resources nor stock", async () => {
  const contract = await trade.buy();
  await trade.expectUsable(1);
  await milan.connector.process.kill();
  await trade.end(contract, rome);
  await waitFor(async () => (await trade.stock()) === STOCK, SOON);
  expect((await rome.cluster.admin.list(RESOURCE_OFFER)).length).toBe(0);
  await milan.connector.process.start();
  await waitFor(async () => (await contractOf(milan.connector.api, contract.contractID))?.state === "TERMINATED", SOON);
});

test("an API server that is away is told and waited for, in making and in taking down, on either side", async ({
  skip,
}) => {
  const servers = [milan, rome].map(({ cluster }) => cluster.server);
  for (const [index, party] of [milan, rome].entries()) {
    const server = servers[index];
    if (!server) return skip("a given cluster is not killed");
    await server.killApi();
    const contract = await trade.buy();
    const half = party === milan ? customer : provider;
    await waitFor(async () => (await half())?.lastError?.includes("no answer that counts"), SOON);
    await server.startApi();
    await trade.expectUsable(1);
    await server.killApi();
    await trade.end(contract);
    await waitFor(async () => (await half())?.lastError?.includes("no answer that counts"), SOON);
    if (party === rome) expect(await trade.stock()).toBe(STOCK - 1);
    await server.startApi();
    await trade.expectGone();
  }
});

test("a Connector that starts while its API server is away serves its API, and goes on when it is back", async ({
  skip,
}) => {
  const { server } = milan.cluster;
  if (!server) return skip("a given cluster is not killed");
  const contract = await trade.buy();
  await trade.expectUsable(1);
  await server.killApi();
  await restart(milan);
  await trade.end(contract);
  await server.startApi();
});

test.each([
  { side: "customer", verb: "create" },
  { side: "provider", verb: "patch" },
] as const)(
  "a $side without the permission to $verb ForeignClusters is told which one is missing",
  async ({ side, verb }) => {
    const [party, half] = side === "customer" ? [milan, customer] : [rome, provider];
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "catalog-connector" };
    const given = (await party.cluster.admin.get(role)) as KubeObject & { rules: readonly Rule[] };
    const rules = given.rules.map((rule) =>
      rule.resources.includes("foreignclusters")
        ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) }
        : rule,
    );
    await party.cluster.admin.patch(role, { rules });
    const contract = await trade.buy();
    await waitFor(async () => (await half())?.phase === "FAILED", SOON);
    const told = await half();
    expect(told?.message).toMatch(new RegExp(`${verb} ForeignCluster.*not permitted`));
    expect(told?.whatToDo).toContain(
      `the permission "${verb}" on "foreignclusters.discovery.liqo.io" in the whole cluster`,
    );
    await party.cluster.admin.patch(role, { rules: given.rules });
    await trade.expectUsable(1);
    await trade.end(contract);
  },
);

test("a login that counts no more is told, and a new one is taken up from its file", async () => {
  const contract = await trade.buy();
  await trade.expectUsable(1);
  await milan.login.remove();
  await waitFor(async () => (await customer())?.phase === "FAILED", SOON);
  const told = await customer();
  expect(told?.message).toContain("does not accept the Connector's credentials");
  expect(told?.whatToDo).toContain("KUBECONFIG");
  const { kubeconfig } = await connectorLogin(milan.cluster, "v0", milan.proxy);
  await writeFile(milan.kubeconfigFile, kubeconfig, { mode: 0o600 });
  await trade.expectUsable(1);
  await trade.end(contract);
});

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function switchOf(foreign: KubeObject | undefined, direction: "incoming" | "outgoing"): unknown {
  return at(foreign, "spec", `${direction}PeeringEnabled`);
}
