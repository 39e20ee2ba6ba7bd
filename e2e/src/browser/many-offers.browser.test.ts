import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { waitFor } from "@catalog/server/testing/wait-for";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { fillCatalog } from "./fixtures/stranger-provider.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { figureOf, watchLongTasks } from "./harness/long-tasks.js";
import { arrived } from "./harness/pages.js";
import { openApp } from "./harness/use-app.js";

const COUNT = 10_000;
const browser = TestBrowser.forThisFile();
let test: TestFederation;
beforeAll(async () => {
  test = await startFederation(["paris"]);
  await fillCatalog(test.federation.broker.api, COUNT);
  const { api } = test.federation.connector("paris");
  await waitFor(
    async () => {
      const { offers } = await api.request<{ offers: { totalCount: number } }>("{ offers(first: 1) { totalCount } }");
      return offers.totalCount === COUNT;
    },
    { timeoutMs: 120_000, intervalMs: 200 },
  );
}, 300_000);
afterAll(() => test.stop());

const table = (page: Page) => page.getByRole("region", { name: "Offers" });
const rowCount = (page: Page) => table(page).getByRole("table").getAttribute("aria-rowcount");
const total = (page: Page, count: number) =>
  expect.poll(() => rowCount(page), { timeout: 30_000 }).toBe(String(count + 1));

describe(`a Catalog of ${COUNT} offers`, () => {
  it("scrolls to its end, filters and sorts, with few rows in the page and few long tasks", async () => {
    const { page } = await openApp(browser, test.federation.connector("paris"), "/contracts");
    await watchLongTasks(page);
    await page.goto(new URL("/catalog", page.url()).href);
    await arrived(page);
    await total(page, COUNT);

    await figureOf(page, "catalog-10000-scroll-longest-task-ms", async () => {
      for (let step = 1; step <= 40; step++) {
        await table(page).evaluate((element) => element.scrollBy({ top: 1_500 }));
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      await table(page).evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
      await table(page).getByRole("link", { name: "Machine 09999", exact: true }).waitFor({ timeout: 60_000 });
    });
    expect(await table(page).getByRole("row").count()).toBeLessThan(100);

    const search = page.getByRole("searchbox").first();
    await figureOf(page, "catalog-10000-search-longest-task-ms", async () => {
      await search.pressSequentially("machine 00042");
      await total(page, 1);
    });
    await figureOf(page, "catalog-10000-clear-longest-task-ms", async () => {
      await search.fill("");
      await total(page, COUNT);
    });
    await figureOf(page, "catalog-10000-sort-longest-task-ms", async () => {
      await page.getByRole("button", { name: /^Price/ }).click();
      await table(page)
        .getByRole("columnheader", { name: /^Price/ })
        .and(page.locator("[aria-sort=ascending]"))
        .waitFor();
      await page.locator("main [aria-busy=true]").waitFor({ state: "detached" });
    });
    expect(await findingsInEveryLook(page)).toEqual([]);
  }, 240_000);
});
