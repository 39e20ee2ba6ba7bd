import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isWhole } from "./extent.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { TradeV1 } from "./trade-books-v1.js";
import { CRASH_MOMENTS, Crashes } from "./trade-crashes.js";
import { setPeering } from "./trade-peerings.js";
import { SOON, TradeWorld } from "./trade-world.js";

/** The steps of a network are more of the same; they are tried where there is time. */
const hasNetwork = isWhole;
const NETWORK = hasNetwork
  ? {
      customer: ["gatewayclients", "configurations", "publickeies"],
      provider: ["gatewayservers", "configurations", "publickeies"],
    }
  : { customer: [], provider: [] };
const UP = {
  customer: ["namespaces", "rolebindings", "secrets", "identities", "resourceslices", ...NETWORK.customer],
  provider: ["namespaces", "rolebindings", "secrets", "tenants", ...NETWORK.provider],
};
const DOWN = {
  customer: ["resourceslices", "identities", "secrets", "namespaces", ...NETWORK.customer],
  provider: ["tenants", "secrets", "namespaces", ...NETWORK.provider],
};

let world: TradeWorld<LiqoV1>;
let trade: TradeV1;

beforeAll(async () => {
  // So that the purchase is answered before the customer's Connector begins to write, and that it has time for all its crashes.
  world = await TradeWorld.startV1({ env: { PEERING: "on-request", TAKE_DOWN_GRACE: "30m" } });
  trade = new TradeV1(world.rome, world.milan);
  await trade.advertise();
});
afterAll(() => world?.stop());

const around = (verb: string, kinds: readonly string[]): string[] =>
  kinds.flatMap((kind) => CRASH_MOMENTS.map((moment) => `${moment} ${verb} ${kind}`));
const namesOf = ({ points }: Crashes): string[] => points.map((point) => point.split(" ").slice(0, 3).join(" "));

test("killed at each of its writes, either Connector ends where it should: up and down", async () => {
  const { rome, milan } = world;
  const upRome = new Crashes(rome);
  const { contractID } = await trade.buy(2);
  const upMilan = new Crashes(milan);
  await waitFor(() => setPeering(milan.connector.api, "createPeering", contractID, hasNetwork), SOON);
  await waitFor(() => trade.is("ESTABLISHED"), { ...SOON, timeoutMs: 600_000 });
  await Promise.all([upRome.stop(), upMilan.stop()]);
  await trade.expectUsable(2);
  expect(await trade.granted()).toEqual(await trade.sold());
  expect(namesOf(upMilan)).toEqual(expect.arrayContaining(around("POST", UP.customer)));
  expect(namesOf(upRome)).toEqual(
    expect.arrayContaining([...around("POST", UP.provider), ...around("PUT", ["resourceslices"])]),
  );

  const [downRome, downMilan] = [new Crashes(rome), new Crashes(milan)];
  await waitFor(() => setPeering(milan.connector.api, "createPeering", contractID, false), SOON);
  await waitFor(() => trade.endAll().then(() => true), SOON);
  await waitFor(() => trade.is("GONE"), { ...SOON, timeoutMs: 600_000 });
  await Promise.all([downRome.stop(), downMilan.stop()]);
  await trade.expectGone();
  expect(namesOf(downMilan)).toEqual(expect.arrayContaining(around("DELETE", DOWN.customer)));
  expect(namesOf(downRome)).toEqual(expect.arrayContaining(around("DELETE", DOWN.provider)));
  await world.expectNothingLeft();
}, 1_800_000);
