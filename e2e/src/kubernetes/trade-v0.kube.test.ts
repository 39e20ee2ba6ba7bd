import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { isWhole } from "./extent.js";
import { leftOver, inventoryOf } from "./rig/inventory.js";
import { base64, textAt } from "./rig/kube-object.js";
import { FOREIGN_CLUSTER, LABEL, RESOURCE_OFFER, RESOURCE_REQUEST, SECRET } from "./stand-in/v0/kinds.js";
import type { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { STOCK } from "./trade-books.js";
import { TradeV0 } from "./trade-books-v0.js";
import { halfOn, peeringOn, peeringsOf, setPeering } from "./trade-peerings.js";
import { Shop } from "./trade-shop.js";
import { isLeftByLiqoV0, SOON, TradeWorld } from "./trade-world.js";

/** Liqo 0.9 and 0.10, and Liqo 0.7 and 0.8: the newer each time, both where there is time. */
const BOTH = [
  { wire: "v0.9", isIncomingByDefault: true },
  { wire: "v0.8", isIncomingByDefault: false },
] as const;
const INSTALLED = isWhole ? BOTH : BOTH.slice(0, 1);

describe.each(INSTALLED)("a trade on Liqo with the plugin of $wire", ({ wire, isIncomingByDefault }) => {
  let world: TradeWorld<LiqoV0>;
  let toMilan: TradeV0;
  let toRome: TradeV0;

  beforeAll(async () => {
    world = await TradeWorld.startV0({ wire, isIncomingByDefault });
    toMilan = new TradeV0(world.rome, world.milan, wire);
    toRome = new TradeV0(world.milan, world.rome, wire);
    await Promise.all([toMilan.advertise(), toRome.advertise()]);
  });
  afterAll(() => world?.stop());

  test("bought, usable, used, grown, shrunk, ended; the stock comes back when nothing is left", async () => {
    const first = await toMilan.buy();
    await toMilan.expectUsable(1);
    expect(await toMilan.granted()).toEqual(await toMilan.sold());
    const shop = await Shop.open(toMilan, "v0", first.contractID);
    const second = await toMilan.buy(2);
    await toMilan.expectUsable(3);
    expect(await toMilan.stock()).toBe(STOCK - 3);

    await toMilan.end(second);
    await waitFor(async () => (await toMilan.stock()) === STOCK - 1, SOON);
    await toMilan.expectUsable(1);
    expect(await toMilan.granted()).toEqual(await toMilan.sold());
    expect(await shop.isOpen()).toBe(true);
    await shop.close();

    world.rome.liqo.disturbance.delayMs = 100;
    await toMilan.end(first, world.rome);
    await waitFor(async () => (await toMilan.stock()) === STOCK, SOON);
    expect(await toMilan.offered()).toBeUndefined();
    // A request that was on its way may come once more, and is shut out again.
    await waitFor(async () => (await world.rome.cluster.admin.list(RESOURCE_REQUEST)).length === 0, SOON);
    await waitFor(async () => (await halfOn(world.rome.connector.api, "PROVIDER"))?.phase === "GONE", SOON);
    expect(await toMilan.stock()).toBe(STOCK);
    world.rome.liqo.disturbance.delayMs = 0;
    await toMilan.expectGone();
    await world.expectNothingLeft();
  });

  test("both sides tell how it went", async () => {
    for (const { connector } of [world.rome, world.milan]) {
      const [peering] = await peeringsOf(connector.api);
      const phases = (peering?.timeline ?? []).map(({ phase }) => phase);
      expect(phases).toContain("ESTABLISHED");
      expect(phases.at(-1)).toBe("GONE");
      expect(JSON.stringify(peering)).not.toMatch(/[0-9a-f]{64}/);
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
    expect(await world.milan.cluster.admin.list(FOREIGN_CLUSTER)).toEqual([]);
    expect(await toMilan.stock()).toBe(STOCK - 1);
    expect(await peeringOn(api, "CUSTOMER")).toMatchObject({ wanted: false, contracts: [{}] });

    await setPeering(api, "createPeering", contract.contractID);
    await toMilan.expectUsable(1);
    await toMilan.end(contract);
    await toMilan.expectGone();
    await world.expectNothingLeft();
  });

  test("both directions at once, ended one after the other", async () => {
    const [one, other] = await Promise.all([toMilan.buy(), toRome.buy(2)]);
    await toMilan.expectUsable(1);
    await toRome.expectUsable(2);
    await toMilan.end(one);
    await toMilan.expectGone();
    await toRome.expectUsable(2);
    await toRome.end(other);
    await toRome.expectGone();
    await world.expectNothingLeft();
  });

  test("what admins made by hand stays as it is", async () => {
    const stranger = "00000000-0000-4000-8000-0000000000cc";
    const labels = { [LABEL.clusterID]: stranger, [LABEL.authToken]: "" };
    const { admin } = world.milan.cluster;
    const made = await Promise.all([
      admin.create({
        ...SECRET,
        metadata: { name: `remote-token-${stranger}`, namespace: "liqo", labels },
        data: { token: base64("by hand") },
      }),
      admin.create({
        ...FOREIGN_CLUSTER,
        metadata: { name: "by-hand", labels: { [LABEL.clusterID]: stranger } },
        spec: {
          clusterIdentity: { clusterID: stranger, clusterName: "by-hand" },
          foreignAuthUrl: "https://127.0.0.1:1",
          outgoingPeeringEnabled: "No",
          incomingPeeringEnabled: "Auto",
        },
      }),
    ]);
    const contract = await toMilan.buy();
    await toMilan.expectUsable(1);
    await toMilan.end(contract);
    await toMilan.expectGone();
    for (const object of made) {
      const { kind, apiVersion, metadata } = object;
      const now = await admin.get({ kind, apiVersion, namespace: metadata.namespace, name: metadata.name ?? "" });
      expect(now).toMatchObject({ metadata: { uid: metadata.uid, labels: metadata.labels } });
      expect(now?.["spec"]).toEqual(object["spec"]);
      expect(now?.["data"]).toEqual(object["data"]);
    }
    const left = leftOver(world.milan.before, await inventoryOf(admin, isLeftByLiqoV0));
    expect(left.map((line) => line.split(" ")[1])).toEqual(["by-hand", `liqo/remote-token-${stranger}`]);
    for (const { apiVersion, kind, metadata } of made)
      await admin.remove({ apiVersion, kind, namespace: metadata.namespace, name: textAt(metadata, "name") ?? "" });
    await world.expectNothingLeft();
  });

  test.runIf(isWhole)("a peering that the customer's admin made by hand is used, told and left alone", async () => {
    const { admin } = world.milan.cluster;
    const token = await world.rome.cluster.admin.get({ ...SECRET, namespace: "liqo", name: "auth-token" });
    const secret = { ...SECRET, namespace: "liqo", name: `remote-token-${world.rome.clusterID}` };
    const labels = { [LABEL.clusterID]: world.rome.clusterID, [LABEL.authToken]: "" };
    await admin.create({
      ...SECRET,
      metadata: { name: secret.name, namespace: "liqo", labels },
      data: { token: textAt(token, "data", "token") ?? "" },
    });
    const foreign = { ...FOREIGN_CLUSTER, name: "rome" };
    const { metadata } = await admin.create({
      ...FOREIGN_CLUSTER,
      metadata: { name: "rome", labels: { [LABEL.clusterID]: world.rome.clusterID } },
      spec: {
        clusterIdentity: { clusterID: world.rome.clusterID, clusterName: "rome" },
        foreignAuthUrl: world.rome.liqo.auth.url,
        outgoingPeeringEnabled: "Yes",
        incomingPeeringEnabled: "Auto",
      },
    });
    const contract = await toMilan.buy();
    await toMilan.expectUsable(1);
    const told = await peeringOn(world.milan.connector.api, "CUSTOMER");
    expect(told?.message).toMatch(/made by hand/);
    await toMilan.end(contract);
    await waitFor(async () => (await halfOn(world.milan.connector.api, "CUSTOMER"))?.phase === "GONE", SOON);
    expect((await admin.get(foreign))?.metadata.uid).toBe(metadata.uid);
    expect(await admin.get(secret)).toBeDefined();
    await waitFor(async () => (await toMilan.offered()) === undefined, SOON);

    await admin.patch(foreign, { spec: { outgoingPeeringEnabled: "No" } });
    // Liqo takes its requests back at the provider first, then here; without the ForeignCluster nobody would.
    for (const { cluster } of [world.rome, world.milan])
      await waitFor(async () => (await cluster.admin.list(RESOURCE_REQUEST)).length === 0, SOON);
    await waitFor(async () => (await admin.list(RESOURCE_OFFER)).length === 0, SOON);
    await admin.remove(foreign);
    await admin.remove(secret);
    await toMilan.expectGone();
    await world.expectNothingLeft();
  });
});
