import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isWhole } from "./extent.js";
import { labelOf, textAt } from "./rig/kube-object.js";
import { newLiqoKeys } from "./stand-in/liqo-keys.js";
import { NODE, SLICE, TENANT } from "./stand-in/v1/kinds.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { STOCK } from "./trade-books.js";
import { TradeV1 } from "./trade-books-v1.js";
import { GrantWatch } from "./trade-grants.js";
import { halfOn, peeringOn, peeringsOf, setPeering } from "./trade-peerings.js";
import { Shop } from "./trade-shop.js";
import { SOON, TradeWorld } from "./trade-world.js";

let world: TradeWorld<LiqoV1>;
let toMilan: TradeV1;
let toRome: TradeV1;

/** Milan's Liqo runs in TLS compatibility mode, with an RSA key; each Connector finds out which Liqo is there. */
beforeAll(async () => {
  world = await TradeWorld.startV1({
    env: { LIQO_MODE: "auto" },
    liqo: { milan: { keys: newLiqoKeys("rsa") } },
    policies: ["--rsa", "milan"],
  });
  toMilan = new TradeV1(world.rome, world.milan);
  toRome = new TradeV1(world.milan, world.rome);
  await Promise.all([toMilan.advertise(), toRome.advertise()]);
});
afterAll(() => world?.stop());

test("bought, usable, used, grown, shrunk, ended; never more than sold, and the stock comes back when nothing is left", async () => {
  const watch = new GrantWatch(toMilan);
  const first = await toMilan.buy();
  await toMilan.expectUsable(1);
  await watch.settled();
  const [node] = await world.milan.cluster.admin.list(NODE);
  expect(labelOf(node, "zone")).toBe("north");
  const shop = await Shop.open(toMilan, "v1", first.contractID);
  const second = await toMilan.buy(2);
  await toMilan.expectUsable(3);
  await watch.settled();
  expect(await toMilan.granted()).toEqual(await toMilan.sold());
  expect(await toMilan.stock()).toBe(STOCK - 3);

  await toMilan.end(second);
  await waitFor(async () => (await toMilan.stock()) === STOCK - 1, SOON);
  await toMilan.expectUsable(1);
  await watch.settled();
  expect(await toMilan.granted()).toEqual(await toMilan.sold());
  expect(await shop.isOpen()).toBe(true);
  await shop.close();

  world.rome.liqo.disturbance.delayMs = 100;
  await toMilan.end(first, world.rome);
  await waitFor(async () => (await toMilan.stock()) === STOCK, SOON);
  expect(await toMilan.offered()).toBeUndefined();
  world.rome.liqo.disturbance.delayMs = 0;
  await toMilan.expectGone();
  await world.expectNothingLeft();
  await watch.stop();
  expect(watch.excesses).toEqual([]);
  expect(watch.observations).toBeGreaterThan(5);
});

test("both sides tell how it went", async () => {
  for (const { connector } of [world.rome, world.milan]) {
    const [peering] = await peeringsOf(connector.api);
    const phases = (peering?.timeline ?? []).map(({ phase }) => phase);
    expect(phases).toContain("ESTABLISHED");
    expect(phases.at(-1)).toBe("GONE");
    expect(JSON.stringify(peering)).not.toMatch(/PRIVATE KEY|BEGIN/);
  }
});

test.runIf(isWhole)("taken down and up again while the contract goes on; the stock stays taken", async () => {
  const contract = await toMilan.buy();
  await toMilan.expectUsable(1);
  const { api } = world.milan.connector;
  await setPeering(api, "deletePeering", contract.contractID);
  await waitFor(async () => (await halfOn(api, "CUSTOMER"))?.phase === "GONE", SOON);
  await waitFor(async () => (await toMilan.offered()) === undefined, SOON);
  expect(await toMilan.onNode()).toBeUndefined();
  expect(await world.milan.cluster.admin.list(SLICE)).toEqual([]);
  expect(await toMilan.stock()).toBe(STOCK - 1);
  expect(await peeringOn(api, "CUSTOMER")).toMatchObject({ wanted: false, contracts: [{}] });
  await setPeering(api, "createPeering", contract.contractID);
  await toMilan.expectUsable(1);
  await toMilan.end(contract);
  await toMilan.expectGone();
  await world.expectNothingLeft();
});

test("both directions at once, one of them ended and bought again beside the other", async () => {
  const [one, other] = await Promise.all([toMilan.buy(), toRome.buy(2)]);
  await toMilan.expectUsable(1);
  await toRome.expectUsable(2);
  for (const { cluster } of [world.rome, world.milan]) {
    const tenants = await cluster.admin.list(TENANT);
    expect(tenants.map((tenant) => textAt(tenant, "spec", "publicKey")?.length)).toEqual([
      cluster === world.rome.cluster ? expect.any(Number) : 44, // the 32 bytes of rome's Ed25519 key
    ]);
  }
  // What Liqo can remove only with the customer's access must not be left in the namespace that both directions share.
  const { disturbance } = world.milan.liqo;
  disturbance.fail("replicator-renew");
  await toMilan.end(one);
  const isWaiting = async (): Promise<boolean> =>
    (await halfOn(world.milan.connector.api, "CUSTOMER"))?.message.includes("Liqo is removing Renew") === true;
  await waitFor(isWaiting, { ...SOON, what: "the customer waits for its Liqo" });
  disturbance.heal("replicator-renew");
  await toMilan.expectGone();
  await toRome.expectUsable(2);
  const again = await toMilan.buy();
  await toMilan.expectUsable(1);
  await toMilan.end(again);
  await toMilan.expectGone();
  await toRome.expectUsable(2);
  await toRome.end(other);
  await toRome.expectGone();
  await world.expectNothingLeft();
});
