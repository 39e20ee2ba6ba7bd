import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { buy, saveOffer } from "../federation/operations.js";
import { anyOffer } from "./fixtures/any-offer.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { Keyboard, Mouse } from "./harness/hands.js";
import { arrived } from "./harness/pages.js";
import { goTo, openApp } from "./harness/use-app.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const search = (page: Page) => page.getByRole("searchbox").first();
const offer = (page: Page, name: string) => page.getByRole("link", { name, exact: true });
const names = (page: Page) =>
  page.getByRole("region", { name: "Offers" }).getByRole("rowheader").getByRole("link").allTextContents();
const listed = async (page: Page, count: number) =>
  expect.poll(() => names(page), { timeout: 45_000 }).toHaveLength(count);

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("by %s", (_name, Person) => {
  it("an offer is found by a word and opened, in at most four clicks", async () => {
    const { page } = await openApp(browser, shop.paris);
    const hand = new Person(page);
    await goTo(hand, "Catalog");
    await hand.type(search(page), "a100");
    await listed(page, 1);
    await hand.press(offer(page, "GPU A100"));
    await page.getByRole("heading", { level: 1, name: "GPU A100" }).waitFor();
    if (hand instanceof Mouse) expect(hand.clicks).toBeLessThanOrEqual(4);
  });

  it("plans are put side by side", async () => {
    const { page } = await openApp(browser, shop.paris, "/catalog");
    const hand = new Person(page);
    await listed(page, 5);
    await hand.press(page.getByRole("checkbox", { name: /General purpose/ }));
    await hand.press(page.getByRole("checkbox", { name: /Edge nodes/ }));
    await hand.press(page.getByRole("region", { name: "Comparison" }).getByRole("link", { name: "Compare" }));
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await arrived(page);
    for (const name of ["General purpose", "Edge nodes"]) await page.locator("main").getByText(name).first().waitFor();
    expect(await findingsInEveryLook(page)).toEqual([]);
    await page.reload();
    await arrived(page);
    for (const name of ["General purpose", "Edge nodes"]) await page.locator("main").getByText(name).first().waitFor();
  });
});

describe("what is looked for", () => {
  it("stands in the address, so that a link or a reload shows the same", async () => {
    const { page } = await openApp(browser, shop.paris, "/catalog");
    await listed(page, 5);
    await search(page).fill("milan");
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("milan");
    await listed(page, 3);
    await page.reload();
    await arrived(page);
    expect(await search(page).inputValue()).toBe("milan");
    await listed(page, 3);
    await search(page).fill("nothing is called so");
    await listed(page, 0);
    expect(await findingsInEveryLook(page)).toEqual([]);
  });
});

describe("while the Catalog is open", () => {
  it("a new offer waits behind a bar, and no row moves before it is asked for", async () => {
    const { page } = await openApp(browser, shop.paris, "/catalog");
    await listed(page, 5);
    const before = await names(page);
    await saveOffer(shop.turin.api, anyOffer("aardvark", "Aardvark, first of all"));
    const bar = page.getByRole("button", { name: /^\d+ changes? – show$/ });
    await bar.waitFor();
    expect(await names(page)).toEqual(before);
    await bar.click();
    await listed(page, 6);
    expect((await names(page))[0]).toBe("Aardvark, first of all");
  });

  it("what is left of an offer changes in its place", async () => {
    const { page } = await openApp(browser, shop.paris, "/catalog?q=bulk");
    await listed(page, 1);
    const row = page.getByRole("row").filter({ has: offer(page, "Bulk storage") });
    await row
      .getByText(/\b15\b/)
      .first()
      .waitFor();
    await buy(shop.turin.api, { clusterID: shop.milan.clusterID, offerID: "bulk-storage", planID: "two-tb", units: 2 });
    await row
      .getByText(/\b13\b/)
      .first()
      .waitFor();
  });
});
