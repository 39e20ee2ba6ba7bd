import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { contractOf } from "../federation/operations.js";
import { type KubeObject, type ObjectRef, refOf, textAt } from "./rig/kube-object.js";
import { IDENTITY, NAMESPACE, SECRET, SLICE, TENANT } from "./stand-in/v1/kinds.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { STOCK } from "./trade-books.js";
import { TradeV1 } from "./trade-books-v1.js";
import { peeringOn, type PeeringView } from "./trade-peerings.js";
import { type Party, SOON, TradeWorld } from "./trade-world.js";

/** How often somebody else is faster: more than the Connector tries in one go. */
const TOUCHES = 12;

let world: TradeWorld<LiqoV1>;
let trade: TradeV1;
let rome: Party<LiqoV1>;
let milan: Party<LiqoV1>;

beforeAll(async () => {
  world = await TradeWorld.startV1({
    env: { NEW_IDS_PER_MINUTE: "1000", TAKE_DOWN_GRACE: "3s", PEERING_PATIENCE: "3s" },
  });
  ({ rome, milan } = world);
  trade = new TradeV1(rome, milan);
  await trade.advertise();
});
afterAll(() => world?.stop());

/** Whatever went wrong in between, a trade ends with two empty clusters and the whole stock. */
afterEach(async () => {
  for (const { proxy } of [rome, milan]) proxy.beforeWrite = () => Promise.resolve();
  await trade.endAll();
  await trade.expectGone();
  await world.expectNothingLeft();
});

const customer = (): Promise<PeeringView | undefined> => peeringOn(milan.connector.api, "CUSTOMER");
const provider = (): Promise<PeeringView | undefined> => peeringOn(rome.connector.api, "PROVIDER");
const restart = async ({ connector }: Party): Promise<void> => {
  await connector.process.kill();
  await connector.process.start();
};

test("what is deleted by hand on either side comes back", async () => {
  await trade.buy();
  await trade.expectUsable(1);
  const atMilan = { namespace: trade.namespaceAtBuyer };
  const atRome = { namespace: trade.namespaceAtSeller };
  const deletions: readonly (readonly [Party, ObjectRef])[] = [
    [milan, trade.slice],
    [milan, { ...IDENTITY, ...atMilan, name: `controlplane-${rome.clusterID}` }],
    [rome, { ...TENANT, ...atRome, name: milan.clusterID }],
    [rome, { ...SECRET, ...atRome, name: "liqo-nonce" }],
    [rome, { ...SLICE, ...atRome, name: trade.slice.name }],
  ];
  for (const [{ cluster }, ref] of deletions) {
    const before = (await cluster.admin.get(ref))?.metadata.uid;
    expect(before, ref.kind).toBeDefined();
    await cluster.admin.remove(ref);
    if (ref.kind === SLICE.kind && cluster === rome.cluster) {
      // Liqo copies it again only when the customer touches its own.
      await milan.cluster.admin.patch(trade.slice, { metadata: { annotations: { touched: "true" } } });
    }
    await waitFor(async () => ![undefined, before].includes((await cluster.admin.get(ref))?.metadata.uid), {
      ...SOON,
      what: `${ref.kind} ${ref.name} comes back`,
    });
    await trade.expectUsable(1);
  }

  // The same request gets the same certificate as long as Liqo keeps it; let in again without it, the customer gets another one.
  const identity = { ...IDENTITY, ...atMilan, name: `controlplane-${rome.clusterID}` };
  const certificate = async (): Promise<string | undefined> =>
    textAt(await milan.cluster.admin.get(identity), "spec", "authParams", "signedCRT");
  const before = await certificate();
  await rome.cluster.admin.remove({ ...SECRET, ...atRome, name: "liqo-remote-certificate" });
  await rome.cluster.admin.remove({ ...TENANT, ...atRome, name: milan.clusterID });
  await waitFor(async () => ![undefined, before].includes(await certificate()), { ...SOON, what: "a new certificate" });
  await trade.expectUsable(1);
});

test("a customer that is gone is shown out by the provider alone, and its own side cleans up when it is back", async () => {
  const contract = await trade.buy();
  await trade.expectUsable(1);
  await milan.connector.process.kill();
  await trade.end(contract, rome);
  await waitFor(async () => (await trade.stock()) === STOCK, SOON);
  expect(await trade.offered()).toBeUndefined();
  expect(await rome.cluster.admin.list(TENANT)).toEqual([]);
  expect(await rome.cluster.admin.get({ ...NAMESPACE, name: trade.namespaceAtSeller })).toBeUndefined();
  await milan.connector.process.start();
  await waitFor(async () => (await contractOf(milan.connector.api, contract.contractID))?.state === "TERMINATED", SOON);
});

test("an API server that is away is told and waited for, in making and in taking down, on either side", async ({
  skip,
}) => {
  for (const party of [milan, rome]) {
    const { server } = party.cluster;
    if (!server) return skip("a given cluster is not killed");
    const half = party === milan ? customer : provider;
    const told = async (): Promise<boolean> =>
      (await half())?.lastError?.match(/no answer that counts/) !== null && (await half())?.lastError !== null;
    await server.killApi();
    const contract = await trade.buy();
    await waitFor(told, SOON);
    await server.startApi();
    await trade.expectUsable(1);
    await server.killApi();
    await trade.end(contract);
    await waitFor(told, SOON);
    if (party === rome) expect(await trade.stock()).toBe(STOCK - 1);
    await server.startApi();
    await trade.expectGone();
  }
});

test("an API server that is restarted, with every watch cut, changes nothing, and what changes afterwards is seen", async ({
  skip,
}) => {
  const servers = [rome, milan].flatMap(({ cluster }) => cluster.server ?? []);
  if (servers.length < 2) return skip("a given cluster is not restarted");
  await trade.buy();
  await trade.expectUsable(1);
  const uid = (await milan.cluster.admin.get(trade.slice))?.metadata.uid;
  await Promise.all(servers.map((server) => server.restartApi()));
  await trade.expectUsable(1);
  await trade.buy(2);
  await trade.expectUsable(3);
  expect((await milan.cluster.admin.get(trade.slice))?.metadata.uid).toBe(uid);
});

test("writes that somebody else is faster with are made again until they hold", async () => {
  await trade.buy();
  await trade.expectUsable(1);
  let touches = 0;
  rome.proxy.beforeWrite = async (write) => {
    if (write !== "PUT resourceslices" || touches === TOUCHES) return;
    touches++;
    for (const copy of await trade.copies())
      await rome.cluster.admin.patch(refOf(copy), { metadata: { annotations: { touched: String(touches) } } });
  };
  await trade.buy(2);
  await trade.expectUsable(3);
  expect(touches).toBe(TOUCHES);
});

test("a kind of Liqo that is missing when the Connector starts is told by name, and what was sold goes on when it is there", async () => {
  const { admin } = rome.cluster;
  const name = "tenants.authentication.liqo.io";
  const ref = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name };
  const definition = (await admin.get(ref)) as KubeObject;
  await admin.remove(ref);
  await waitFor(async () => (await admin.get(ref)) === undefined, SOON);
  await restart(rome);
  await trade.buy();
  await waitFor(async () => (await provider())?.phase === "FAILED", SOON);
  const told = await provider();
  expect(told?.message).toContain(name);
  expect(told?.whatToDo).toContain(`CustomResourceDefinition ${name} is missing`);
  const { uid: _, resourceVersion: __, ...metadata } = definition.metadata;
  const { status: ___, ...rest } = definition;
  await admin.create({ ...rest, metadata });
  await trade.expectUsable(1);
});

test.each([
  { side: "customer", verb: "create", resource: "resourceslices", seen: "ResourceSlice" },
  { side: "provider", verb: "create", resource: "namespaces", seen: "Namespace" },
  { side: "customer", verb: "delete", resource: "identities", seen: "Identity" },
] as const)(
  "a $side without the permission to $verb $resource is told which one is missing",
  async ({ side, verb, resource, seen }) => {
    const [party, half] = side === "customer" ? [milan, customer] : [rome, provider];
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "catalog-connector" };
    const given = (await party.cluster.admin.get(role)) as KubeObject & { rules: readonly Rule[] };
    const without = given.rules.flatMap((rule) => withoutRight(rule, resource, verb));
    const take = (rules: readonly Rule[]): Promise<unknown> => party.cluster.admin.patch(role, { rules });
    if (verb === "create") await take(without);
    const contract = await trade.buy();
    if (verb === "delete") {
      await trade.expectUsable(1);
      await take(without);
      await trade.end(contract);
    }
    await waitFor(async () => (await half())?.phase === "FAILED", SOON);
    const told = await half();
    expect(told?.message).toMatch(new RegExp(`${verb} ${seen}.*not permitted`));
    expect(told?.whatToDo).toContain(`the permission "${verb}" on "${resource}`);
    expect(told?.steps.some(({ status, object }) => status === "FAILED" && object?.includes(seen) === true)).toBe(true);
    await take(given.rules);
    if (verb === "create") await trade.expectUsable(1);
  },
);

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The rule, with one verb less for one of its resources. */
function withoutRight(rule: Rule, resource: string, verb: string): readonly Rule[] {
  if (!rule.resources.includes(resource)) return [rule];
  return [
    { ...rule, resources: rule.resources.filter((each) => each !== resource) },
    { ...rule, resources: [resource], verbs: rule.verbs.filter((each) => each !== verb) },
  ].filter(({ resources }) => resources.length > 0);
}
