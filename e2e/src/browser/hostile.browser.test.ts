import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { waitFor } from "@catalog/server/testing/wait-for";
import { HOSTILE_OFFERS } from "./fixtures/hostile-offers.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { strangerPublishes } from "./fixtures/stranger-provider.js";
import { findingsInEveryLook, overflow } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { arrived, visit } from "./harness/pages.js";
import { openApp } from "./harness/use-app.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  await strangerPublishes(shop.broker.api, "hostile", HOSTILE_OFFERS, {
    clusterName: "hostile",
    clusterPrettyName: "<script>globalThis.__attacked=1</script>\u200B Тurin",
  });
  await waitFor(async () => {
    const { offers } = await shop.paris.api.request<{ offers: { totalCount: number } }>(
      '{ offers(filter: { text: "hostile" }, first: 1) { totalCount } }',
    );
    const all = await shop.paris.api.request<{ offers: { totalCount: number } }>("{ offers(first: 1) { totalCount } }");
    return Math.max(offers.totalCount, all.offers.totalCount - 5) >= HOSTILE_OFFERS.length;
  });
});
afterAll(() => shop.stop());

/** Nothing that a provider wrote has become part of the page. */
async function expectTextOnly(page: Page): Promise<void> {
  expect(await page.evaluate(() => "__attacked" in globalThis)).toBe(false);
  const parts = await page
    .locator("#app")
    .evaluate((app) =>
      [...app.querySelectorAll("script, img[onerror], svg[onload], [href^='javascript:']")].map(
        (part) => part.outerHTML,
      ),
    );
  expect(parts).toEqual([]);
}

describe("texts of a hostile provider", () => {
  it.each(["/catalog", "/catalog?view=cards"])(
    "are nothing but text in a list that keeps its shape: %s",
    async (path) => {
      const { page } = await openApp(browser, shop.paris, path);
      await page.getByText("globalThis.__attacked=1").first().waitFor();
      expect(await findingsInEveryLook(page)).toEqual([]);
      await expectTextOnly(page);
    },
  );

  it("are nothing but text on the page of each offer, at 360 px too", async () => {
    const { page } = await openApp(browser, shop.paris, "/catalog");
    await page.getByText("globalThis.__attacked=1").first().waitFor();
    const links = page.getByRole("region", { name: "Offers" }).getByRole("rowheader").getByRole("link");
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    expect(paths.length).toBeGreaterThanOrEqual(HOSTILE_OFFERS.length);
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of paths) {
      await visit(page, path);
      await expectTextOnly(page);
      expect({ path, overflow: await overflow(page) }).toEqual({ path, overflow: [] });
    }
  });

  it("show what hides in them, and stay in their own direction", async () => {
    const { page } = await openApp(browser, shop.paris, "/catalog");
    await page
      .getByText("U+200B")
      .or(page.getByTitle(/U\+200B/))
      .or(page.getByLabel(/U\+200B/))
      .first()
      .waitFor();
    const direction = await page
      .getByText("שרתים")
      .first()
      .evaluate((text) => text.closest("bdi, [dir]")?.tagName ?? "none");
    expect(direction).not.toBe("none");
  });

  it("are nothing but text to the operator of the Broker", async () => {
    const { page } = await openApp(browser, shop.broker, "/");
    const paths = await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link")
      .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    for (const path of paths.filter((one) => !one.includes("playground"))) {
      await visit(page, path);
      await arrived(page);
      await expectTextOnly(page);
    }
  });
});
