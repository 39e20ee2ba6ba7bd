import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { contractsOf, decide } from "../federation/operations.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { type Hand, Keyboard, Mouse } from "./harness/hands.js";
import { arrived } from "./harness/pages.js";
import { act, goTo, openApp, shows } from "./harness/use-app.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const buyLink = (page: Page, offer: string) => page.getByRole("link", { name: new RegExp(`^Buy\\s+${offer}`) });
const bought = async () => (await contractsOf(shop.paris.api)).length;

/** From the start page to the review of what will be signed. */
async function choose(hand: Hand, offer: string, units: number): Promise<void> {
  const { page } = hand;
  await goTo(hand, "Catalog");
  await hand.press(buyLink(page, offer).first());
  await page.getByLabel("Units").waitFor();
  await hand.type(page.getByLabel("Units"), String(units));
  await hand.press(button(page, "Review"));
  await button(page, "Sign and buy").waitFor();
}

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("with both sides' pages open, by %s", (_name, Person) => {
  it("units are bought in at most four clicks, and the provider sees them sold", async () => {
    const provider = (await openApp(browser, shop.turin, "/contracts")).page;
    const { page } = await openApp(browser, shop.paris);
    const hand = new Person(page);
    await choose(hand, "General purpose", 2);
    await page.getByText("What will be signed").waitFor();
    expect(await findingsInEveryLook(page)).toEqual([]);
    await hand.press(button(page, "Sign and buy"));
    await page.waitForURL(/\/(purchases|contracts)\/[0-9a-f-]+$/);
    await shows(page, "Active");
    expect(await findingsInEveryLook(page)).toEqual([]);
    const id = new URL(page.url()).pathname.split("/").at(-1);
    await provider.locator(`a[href="/contracts/${id}"]`).first().waitFor();
    await provider
      .getByRole("row")
      .filter({ has: provider.locator(`a[href="/contracts/${id}"]`) })
      .getByText("Active")
      .waitFor();
    const contract = (await contractsOf(shop.paris.api)).find(({ contractID }) => contractID === id);
    expect(contract).toMatchObject({ state: "ACTIVE", units: 2, role: "BUYER" });
    if (!(hand instanceof Mouse)) return;
    process.stdout.write(`clicks-buy ${hand.clicks} 4\n`);
    expect(hand.clicks).toBeLessThanOrEqual(4);
  });

  it("a request waits for the provider's yes, and becomes active while the customer watches", async () => {
    const provider = (await openApp(browser, shop.milan)).page;
    const { page } = await openApp(browser, shop.paris);
    await choose(new Person(page), "GPU A100", 1);
    await new Person(page).press(button(page, "Sign and buy"));
    await page.waitForURL(/\/(purchases|contracts)\/[0-9a-f-]+$/);
    await shows(page, "Waiting for approval");
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const hand = new Person(provider);
    await goTo(hand, "Contracts");
    await hand.press(provider.locator(`a[href="/contracts/${id}"]`).first());
    await arrived(provider);
    await act(hand, "Approve");
    await shows(page, "Active");
    if (!(hand instanceof Mouse)) return;
    process.stdout.write(`clicks-approve ${hand.clicks} 4\n`);
    expect(hand.clicks).toBeLessThanOrEqual(4);
  });
});

describe("a purchase that is disturbed", () => {
  it("shows the same review after a reload, and nothing is bought by that", async () => {
    const { page } = await openApp(browser, shop.paris);
    const before = await bought();
    await choose(new Mouse(page), "Edge nodes", 3);
    const review = await page.locator("main").getByText("Units").first().locator("xpath=..").textContent();
    await page.reload();
    await button(page, "Sign and buy").waitFor();
    expect(await page.locator("main").getByText("Units").first().locator("xpath=..").textContent()).toBe(review);
    expect(await bought()).toBe(before);
  });

  it("is bought once, although the page is reloaded while the answer is on its way", async () => {
    const { page, guard } = await openApp(browser, shop.paris);
    guard.allow(/console: Failed to load resource|net::ERR/, "the answer is held back and then cut off");
    const before = await bought();
    await choose(new Mouse(page), "Edge nodes", 2);
    let isHeld = false;
    await page.route("**/graphql", async (route) => {
      if (!isHeld && (route.request().postData() ?? "").includes("buy(")) {
        isHeld = true;
        await route.fetch(); // the Connector has it; the page never hears of it
        await route.abort();
      } else await route.continue();
    });
    await button(page, "Sign and buy").click();
    await expect.poll(() => isHeld).toBe(true);
    await page.reload();
    await page.waitForURL(/\/(purchases|contracts)\/[0-9a-f-]+$/, { timeout: 30_000 });
    await shows(page, "Active");
    expect(await bought()).toBe(before + 1);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  it("tells why it was refused, and what to do", async () => {
    const { page } = await openApp(browser, shop.paris);
    await choose(new Mouse(page), "GPU A100", 1);
    await button(page, "Sign and buy").click();
    await page.waitForURL(/\/(purchases|contracts)\/[0-9a-f-]+$/);
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await shows(page, "Waiting for approval");
    await decide(shop.milan.api, "rejectContract", id);
    await shows(page, "Refused");
    expect(await findingsInEveryLook(page)).toEqual([]);
    await page.reload();
    await shows(page, "Refused");
  });
});
