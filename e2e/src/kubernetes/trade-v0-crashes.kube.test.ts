import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { TradeV0 } from "./trade-books-v0.js";
import { CRASH_MOMENTS, Crashes } from "./trade-crashes.js";
import { SOON, TradeWorld } from "./trade-world.js";

let world: TradeWorld<LiqoV0>;
let trade: TradeV0;

beforeAll(async () => {
  world = await TradeWorld.startV0({ wire: "v0.9", isIncomingByDefault: false, env: { PEERING_LOOK: "2s" } });
  trade = new TradeV0(world.rome, world.milan, "v0.9");
  await trade.advertise();
});
afterAll(() => world?.stop());

test("killed at each of its writes, either Connector ends where it should", async () => {
  const [atMilan, atRome] = [new Crashes(world.milan), new Crashes(world.rome)];
  const contract = await trade.buy(2);
  await trade.expectUsable(2);
  await Promise.all([atMilan, atRome].map((crashes) => crashes.stop()));
  const [downMilan, downRome] = [new Crashes(world.milan), new Crashes(world.rome)];
  await waitFor(async () => (await trade.end(contract)) === undefined, SOON);
  await trade.expectGone();
  await Promise.all([downMilan, downRome].map((crashes) => crashes.stop()));

  const points = (crashes: readonly Crashes[]): string => crashes.flatMap((each) => each.points).join("\n");
  for (const write of [
    "POST secrets",
    "POST foreignclusters",
    "PATCH foreignclusters",
    "DELETE foreignclusters",
    "DELETE secrets",
  ])
    for (const moment of CRASH_MOMENTS) expect(points([atMilan, downMilan])).toContain(`${moment} ${write}`);
  for (const moment of CRASH_MOMENTS)
    expect(points([atRome])).toContain(`${moment} PATCH foreignclusters {"incomingPeeringEnabled":"Yes"}`);
  await world.expectNothingLeft();
});
