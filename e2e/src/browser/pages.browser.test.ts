import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { buy, terminate } from "../federation/operations.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { routesOf, visit } from "./harness/pages.js";
import { signIn } from "./harness/sign-in.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
/** Values for the parameters of paths: something that exists. */
let examples: Record<string, string>;

beforeAll(async () => {
  shop = await openShop();
  const { paris, turin, milan } = shop;
  const active = await buy(paris.api, { clusterID: turin.clusterID, offerID: "general-purpose", planID: "small" });
  const ended = await buy(paris.api, { clusterID: turin.clusterID, offerID: "general-purpose", planID: "medium" });
  await waitFor(async () => (await terminate(paris.api, ended.contractID, "for the list")).state === "TERMINATED");
  await buy(paris.api, { clusterID: milan.clusterID, offerID: "gpu-a100", planID: "one-card" });
  const { connector } = await turin.api.request<{ connector: { fingerprint: string } }>(
    "{ connector { fingerprint } }",
  );
  const { brokers } = await paris.api.request<{ brokers: { brokerID: string }[] }>("{ brokers { brokerID } }");
  examples = {
    id: active.contractID,
    contractID: active.contractID,
    fingerprint: connector.fingerprint,
    clusterID: turin.clusterID,
    offerID: "general-purpose",
    planID: "small",
    brokerID: brokers[0]?.brokerID ?? "",
  };
});
afterAll(() => shop.stop());

/** The path with an example for each parameter; fails for a parameter that has none. */
function exampleOf(route: string): string {
  return route.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = examples[name];
    if (value === undefined) throw new Error(`${route}: give an example of :${name}`);
    return encodeURIComponent(value);
  });
}

describe("every page, in both themes and at 360 px", () => {
  it.each(routesOf("connector"))("of a customer: %s", async (route) => {
    const { page } = await browser.open(shop.paris.url, exampleOf(route));
    await signIn(page, shop.paris.adminToken);
    await visit(page, exampleOf(route));
    expect(await findingsInEveryLook(page)).toEqual([]);
  });

  it.each(routesOf("connector").filter((route) => !route.includes(":")))("of a provider: %s", async (route) => {
    const { page } = await browser.open(shop.milan.url, route);
    await signIn(page, shop.milan.adminToken);
    await visit(page, route);
    expect(await findingsInEveryLook(page)).toEqual([]);
  });

  it.each(routesOf("broker"))("of a Broker's operator: %s", async (route) => {
    const { page } = await browser.open(shop.broker.url, exampleOf(route));
    await signIn(page, shop.broker.adminToken);
    await visit(page, exampleOf(route));
    expect(await findingsInEveryLook(page)).toEqual([]);
  });

  it("says so where there is no page", async () => {
    const { page } = await browser.open(shop.paris.url, "/no/such/page");
    await signIn(page, shop.paris.adminToken);
    await page.getByText("There is no such page").waitFor();
  });
});
