import { waitFor } from "@catalog/server/testing/wait-for";
import { beforeAll, describe, expect, test } from "vitest";
import type { ContractView } from "../federation/operations.js";
import { nameOf, type Permission, permissionsOf, TENANT_OF_A_PEER } from "./printed-rights.js";
import type { AuditedCall } from "./rig/audit.js";
import { type Generation, policyObjects } from "./rig/connector-account.js";
import { at, base64, type KindRef, type KubeObject, refOf } from "./rig/kube-object.js";
import { PlayedOffloading } from "./stand-in/played-offloading.js";
import { NETWORKING } from "./stand-in/v1/kinds.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import type { Trade } from "./trade-books.js";
import { TradeV0 } from "./trade-books-v0.js";
import { TradeV1 } from "./trade-books-v1.js";
import { expectPhase, makeNamespace, offload, podOf, rehearseEnd, stopOffloading } from "./trade-offloads.js";
import { setPeering } from "./trade-peerings.js";
import { type Party, SOON, TradeWorld } from "./trade-world.js";

const SHOP = "shop";
const isOurs = process.env["KUBECONFIG_PROVIDER"] === undefined;

/** Why a right is given that a trade in which nothing goes wrong has no use for. */
const ANYWAY = { "list configmaps in liqo": "Liqo's own ConfigMap may have another name" };
const SPARE: Readonly<Record<Generation, Readonly<Record<string, string>>>> = {
  v0: {
    ...ANYWAY,
    "list namespaces": "finds where Liqo keeps a customer that lost its identity",
    "delete secrets liqo-remote-certificate": "a customer that lost its identity is let in again",
    "patch resourcerequests.discovery.liqo.io": "Liqo is made to look again after the Connector could not answer it",
  },
  v1: {
    ...ANYWAY,
    "bind clusterroles.rbac.authorization.k8s.io catalog-connector-tenant":
      "checked within the creation of a RoleBinding",
    "patch identities.authentication.liqo.io": "a provider that lets the customer in anew gives it another certificate",
    "patch secrets in liqo-tenant-peer": "the nonce that is signed then is another one",
    "get resourceslices.authentication.liqo.io": "somebody was faster with a slice that is decided about",
    "delete renews.authentication.liqo.io": "a customer that is shown out cannot remove its copies any more",
    "delete rolebindings.rbac.authorization.k8s.io": "where the namespace of a peer is not the Connector's to remove",
  },
};

/** What both generations have: pods on what was bought, its object put right when it was changed, its end rehearsed. */
async function useIt(trade: Trade, generation: Generation, contractID: string): Promise<void> {
  const { api } = trade.buyer.connector;
  const kube = trade.buyer.cluster.admin;
  const liqo = new PlayedOffloading({ generation, home: trade.buyer, providers: [trade.seller] });
  liqo.start();
  try {
    await makeNamespace(kube, SHOP);
    await offload(api, contractID, SHOP);
    await expectPhase(api, "READY");
    await kube.patch(liqo.ref(SHOP), { spec: { podOffloadingStrategy: "Local" } });
    await waitFor(async () => at(await kube.get(liqo.ref(SHOP)), "spec", "podOffloadingStrategy") === "Remote", SOON);
    await kube.create(podOf(SHOP, "web", "500m"));
    const pod = { apiVersion: "v1", kind: "Pod", namespace: SHOP, name: "web" };
    await waitFor(async () => at(await kube.get(pod), "spec", "nodeName") !== undefined, SOON);
    await waitFor(async () => (await rehearseEnd(api, contractID)).pods.total === 1, SOON);
    for (const { connector } of [trade.buyer, trade.seller])
      await connector.api.request("{ capacity { resource } diagnostics { check } }");
    await kube.remove(pod);
    await waitFor(async () => (await kube.get(pod)) === undefined, SOON);
    await stopOffloading(api, contractID, SHOP);
    await waitFor(async () => (await kube.get(liqo.ref(SHOP))) === undefined, SOON);
    await kube.remove({ apiVersion: "v1", kind: "Namespace", name: SHOP });
  } finally {
    await liqo.stop();
  }
}

/** Changes an object by hand, and waits until the Connector has put it right. */
async function putRight({ cluster }: Party, object: KubeObject | undefined, spec: object): Promise<void> {
  if (object === undefined) throw new Error("it is not there");
  const ref = refOf(object);
  const changed = await cluster.admin.patch(ref, { spec });
  await waitFor(async () => (await cluster.admin.get(ref))?.metadata.generation !== changed.metadata.generation, {
    ...SOON,
    what: `${ref.kind} is put right`,
  });
}

async function wholeTradeV0(): Promise<readonly AuditedCall[]> {
  const world = await TradeWorld.startV0({ wire: "v0.9", isIncomingByDefault: false, isAudited: true });
  try {
    const trade = new TradeV0(world.rome, world.milan, "v0.9");
    await trade.advertise();
    const first = await trade.buy();
    await trade.expectUsable(1);
    const second = await trade.buy(2);
    await trade.expectUsable(3);
    // The token is asked for again, under the contract that goes on.
    await trade.end(first);
    await trade.expectUsable(2);
    await useIt(trade, "v0", second.contractID);
    await trade.end(second);
    await trade.expectGone();
    return await callsIn(world);
  } finally {
    await world.stop();
  }
}

async function wholeTradeV1(): Promise<readonly AuditedCall[]> {
  const world = await TradeWorld.startV1({ env: { LIQO_MODE: "auto" }, isAudited: true });
  const { rome, milan } = world;
  try {
    const trade = new TradeV1(rome, milan);
    await trade.advertise();
    const first = await slowly(world, () => trade.buy());
    await trade.expectUsable(1);
    await useNetwork(trade, first.contractID);
    const second = await trade.buy();
    await trade.expectUsable(2);
    await trade.end(first);
    await trade.expectUsable(1);

    await useIt(trade, "v1", second.contractID);
    await trade.end(second);
    await trade.expectGone();
    return await callsIn(world);
  } finally {
    await world.stop();
  }
}

/** Buys where the provider's Liqo does not let anybody in until the Connector has looked for the reason. */
async function slowly({ rome }: TradeWorld<LiqoV1>, buy: () => Promise<ContractView>): Promise<ContractView> {
  rome.liqo.disturbance.fail("tenant");
  try {
    const contract = await buy();
    const isAsked = async (): Promise<boolean> =>
      ((await rome.cluster.server?.calls()) ?? []).some(({ resource }) => resource === "events");
    await waitFor(isAsked, { ...SOON, what: "the Connector looks for what Liqo says of the Tenant" });
    return contract;
  } finally {
    rome.liqo.disturbance.heal("tenant");
  }
}

/** Connects the networks, changes every object of it by hand, and takes it down. */
async function useNetwork(trade: TradeV1, contractID: string): Promise<void> {
  const { seller, buyer } = trade;
  const { api } = buyer.connector;
  const of = async ({ cluster }: Party, kind: string): Promise<KubeObject | undefined> =>
    (await cluster.admin.list({ apiVersion: NETWORKING, kind } satisfies KindRef))[0];
  await setPeering(api, "createPeering", contractID, true);
  for (const [party, gateway] of [
    [seller, "GatewayServer"],
    [buyer, "GatewayClient"],
  ] as const) {
    await waitFor(async () => (await of(party, "PublicKey")) !== undefined, { ...SOON, what: `the key of ${gateway}` });
    await putRight(party, await of(party, gateway), { mtu: 1_300 });
    await putRight(party, await of(party, "PublicKey"), { publicKey: base64(Buffer.alloc(32, 7)) });
    await putRight(party, await of(party, "Configuration"), { remote: { cidr: { pod: ["10.99.0.0/16"] } } });
  }
  await setPeering(api, "createPeering", contractID, false);
  for (const party of [seller, buyer])
    await waitFor(async () => (await of(party, "Configuration")) === undefined, { ...SOON, what: "no network" });
}

async function callsIn({
  rome,
  milan,
}: {
  readonly rome: Party;
  readonly milan: Party;
}): Promise<readonly AuditedCall[]> {
  const calls = await Promise.all([rome, milan].map(async ({ cluster }) => (await cluster.server?.calls()) ?? []));
  return calls.flat();
}

function isUsedBy(one: Permission, call: AuditedCall): boolean {
  const isThere = one.namespace === TENANT_OF_A_PEER ? isOfAPeer(call) : one.namespace === call.namespace;
  return (
    call.verb === one.verb &&
    call.group === one.group &&
    call.resource === one.resource &&
    (one.namespace === undefined || isThere) &&
    (one.name === undefined || one.name === call.name)
  );
}

function isOfAPeer({ namespace = "" }: AuditedCall): boolean {
  return namespace.startsWith("liqo-tenant-");
}

function lineOf({ namespace, group, resource, verb, name }: Permission): string {
  const kind = `${resource}${group === "" ? "" : `.${group}`}`;
  return [verb, kind, name, namespace && `in ${namespace}`].filter((part) => part !== undefined).join(" ");
}

describe.runIf(isOurs).each([
  { generation: "v0", trade: wholeTradeV0 },
  { generation: "v1", trade: wholeTradeV1 },
] as const)("the printed roles for $generation, beside what was asked in a whole trade", ({ generation, trade }) => {
  let permissions: readonly Permission[];
  let calls: readonly AuditedCall[];

  beforeAll(async () => {
    const printed = await policyObjects(generation, "--only", "roles");
    permissions = printed.filter(({ kind }) => kind === "ClusterRole" || kind === "Role").flatMap(permissionsOf);
    expect(printed.map(nameOf)).toContain("ClusterRole catalog-connector");
    calls = await trade();
  }, 300_000);

  test("give nothing that was not asked for, but for what is listed with its reason", () => {
    expect(calls.length).toBeGreaterThan(100);
    const unused = permissions.filter((one) => !calls.some((call) => isUsedBy(one, call))).map(lineOf);
    expect(unused.filter((line) => SPARE[generation][line] === undefined)).toEqual([]);
    const given = permissions.map(lineOf);
    expect(Object.keys(SPARE[generation]).filter((line) => !given.includes(line))).toEqual([]);
  });

  test("are all that is asked for", () => {
    // A RoleBinding that was made this moment holds a little later.
    const isEarly = (call: AuditedCall): boolean => call.resource === "secrets" && isOfAPeer(call);
    const refused = calls.filter((call) => !call.isAllowed && !isEarly(call));
    expect(refused).toEqual([]);
  });
});
