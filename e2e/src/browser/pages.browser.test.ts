import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExamplePaths, tradeForExamples } from "./fixtures/example-paths.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { routesOf, visit } from "./harness/pages.js";
import { signIn } from "./harness/sign-in.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
let exampleOf: ExamplePaths;

beforeAll(async () => {
  shop = await openShop();
  exampleOf = await tradeForExamples(shop);
});
afterAll(() => shop.stop());

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
