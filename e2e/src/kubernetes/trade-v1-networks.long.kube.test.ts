import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { KubeClient } from "./rig/kube-client.js";
import { at, type KubeObject, textAt } from "./rig/kube-object.js";
import { NETWORKING } from "./stand-in/v1/kinds.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { TradeV1 } from "./trade-books-v1.js";
import { peeringOn, setPeering } from "./trade-peerings.js";
import { type Party, SOON, TradeWorld } from "./trade-world.js";

const KINDS = ["Configuration", "GatewayServer", "GatewayClient", "PublicKey", "Connection"];
const ROME_RANGES = { pod: ["10.30.0.0/16"], external: ["10.31.0.0/16"] };

let world: TradeWorld<LiqoV1>;
let toMilan: TradeV1;
let toRome: TradeV1;

beforeAll(async () => {
  world = await TradeWorld.startV1({ liqo: { rome: { podCidr: "10.30.0.0/16", externalCidr: "10.31.0.0/16" } } });
  toMilan = new TradeV1(world.rome, world.milan);
  toRome = new TradeV1(world.milan, world.rome);
  await Promise.all([toMilan.advertise(), toRome.advertise()]);
});
afterAll(() => world?.stop());

afterEach(async () => {
  await toMilan.endAll();
  await toRome.endAll();
  await toMilan.expectGone();
  await toRome.expectGone();
  await world.expectNothingLeft();
});

async function networkOf({ cluster }: Pick<Party, "cluster">): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(KINDS.map((kind) => cluster.admin.list({ apiVersion: NETWORKING, kind })));
  return lists.flat();
}

const kindsOf = async (party: Party): Promise<string[]> => (await networkOf(party)).map(({ kind }) => kind).sort();
const SERVING = ["Configuration", "Connection", "GatewayServer", "PublicKey"];
const CALLING = ["Configuration", "Connection", "GatewayClient", "PublicKey"];

/** Waits until one cluster waits for the other's call, and the other calls. */
async function expectTunnel(server: Party, client: Party): Promise<void> {
  await waitFor(async () => {
    const [serving, calling] = [await kindsOf(server), await kindsOf(client)];
    if (String(serving) === String(SERVING) && String(calling) === String(CALLING)) return true;
    throw new Error(`${server.name}: ${serving.join(" ")}; ${client.name}: ${calling.join(" ")}`);
  }, SOON);
}

/** The tunnel's key of one cluster, as Liqo made it there. */
async function keyOf(admin: KubeClient, gateway: KubeObject | undefined): Promise<string | undefined> {
  const name = textAt(gateway, "status", "secretRef", "name") ?? "";
  const secret = { apiVersion: "v1", kind: "Secret", namespace: gateway?.metadata.namespace ?? "", name };
  return textAt(await admin.get(secret), "data", "publicKey");
}

test("a contract's networks are connected where its customer wants it, each side with the other's ranges and key", async () => {
  const { contractID } = await toMilan.buy();
  await toMilan.expectUsable(1);
  expect([...(await networkOf(world.rome)), ...(await networkOf(world.milan))]).toEqual([]);

  await setPeering(world.milan.connector.api, "createPeering", contractID, true);
  await expectTunnel(world.rome, world.milan);
  await toMilan.expectUsable(1);
  const find = async (party: Party, kind: string): Promise<KubeObject | undefined> =>
    (await networkOf(party)).find((object) => object.kind === kind);
  expect(at(await find(world.milan, "Configuration"), "spec", "remote", "cidr")).toEqual(ROME_RANGES);
  for (const [party, other, gateway] of [
    [world.rome, world.milan, "GatewayClient"],
    [world.milan, world.rome, "GatewayServer"],
  ] as const) {
    const theirs = await keyOf(other.cluster.admin, await find(other, gateway));
    expect(textAt(await find(party, "PublicKey"), "spec", "publicKey")).toBe(theirs);
  }
  const steps = (await peeringOn(world.milan.connector.api, "CUSTOMER"))?.steps.map(({ name }) => name);
  expect(steps).toEqual(expect.arrayContaining(["network", "gateway", "tunnel"]));
});

test("switched off, the network goes on both sides while the contract goes on, and comes again when it is wanted", async () => {
  const { api } = world.milan.connector;
  const { contractID } = await toMilan.buy();
  await setPeering(api, "createPeering", contractID, true);
  await expectTunnel(world.rome, world.milan);
  await setPeering(api, "createPeering", contractID, false);
  await waitFor(async () => [...(await kindsOf(world.rome)), ...(await kindsOf(world.milan))].length === 0, SOON);
  await toMilan.expectUsable(1);
  await setPeering(api, "createPeering", contractID, true);
  await expectTunnel(world.rome, world.milan);
  await setPeering(api, "deletePeering", contractID);
  await waitFor(async () => [...(await kindsOf(world.rome)), ...(await kindsOf(world.milan))].length === 0, SOON);
});

test("two clusters that buy from each other have one tunnel, which stays as long as one of them needs it", async () => {
  const [one, other] = await Promise.all([toMilan.buy(), toRome.buy()]);
  await Promise.all([
    setPeering(world.milan.connector.api, "createPeering", one.contractID, true),
    setPeering(world.rome.connector.api, "createPeering", other.contractID, true),
  ]);
  await toMilan.expectUsable(1);
  await toRome.expectUsable(1);
  await waitFor(async () => {
    const kinds = await Promise.all([world.rome, world.milan].map(kindsOf));
    return [...kinds.map(String)].sort().join() === [String(SERVING), String(CALLING)].sort().join();
  }, SOON);
  await toMilan.end(one);
  await toMilan.expectGone();
  await expectTunnel(world.milan, world.rome);
  await toRome.expectUsable(1);
});

test("what is removed by hand comes back, and a gateway made by hand is left alone", async () => {
  const { contractID } = await toMilan.buy();
  await setPeering(world.milan.connector.api, "createPeering", contractID, true);
  await expectTunnel(world.rome, world.milan);
  for (const party of [world.rome, world.milan])
    for (const object of await networkOf(party)) {
      if (object.kind === "Connection") continue;
      const { apiVersion, kind, metadata } = object;
      const ref = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name ?? "" };
      await party.cluster.admin.remove(ref);
      await waitFor(async () => {
        const now = await party.cluster.admin.get(ref);
        return now !== undefined && now.metadata.uid !== metadata.uid;
      }, SOON);
    }
  await expectTunnel(world.rome, world.milan);
  const stranger: KubeObject = {
    apiVersion: NETWORKING,
    kind: "Configuration",
    metadata: { name: "by-hand", namespace: "liqo" },
    spec: { remote: { cidr: { pod: ["10.77.0.0/16"], external: ["10.78.0.0/16"] } } },
  };
  const made = await world.rome.cluster.admin.create(stranger);
  await setPeering(world.milan.connector.api, "createPeering", contractID, false);
  await waitFor(async () => (await kindsOf(world.milan)).length === 0, SOON);
  await waitFor(async () => (await kindsOf(world.rome)).length === 1, SOON);
  const ref = { apiVersion: NETWORKING, kind: "Configuration", namespace: "liqo", name: "by-hand" };
  expect((await world.rome.cluster.admin.get(ref))?.metadata.uid).toBe(made.metadata.uid);
  await world.rome.cluster.admin.remove(ref);
});
