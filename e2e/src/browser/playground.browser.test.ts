import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Locator, Page } from "playwright-core";
import { waitFor } from "@catalog/server/testing/wait-for";
import { buy } from "../federation/operations.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { TestBrowser } from "./harness/browser.js";
import { signIn } from "./harness/sign-in.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const buySmall = () =>
  buy(shop.paris.api, { clusterID: shop.turin.clusterID, offerID: "general-purpose", planID: "small" });
const answerOf = (page: Page) => page.getByRole("region", { name: /result|response/i });
const run = (page: Page) => page.getByRole("button", { name: /execute query/i }).click();

/** Opens the playground of a part as somebody who signed in at its app. */
async function openPlayground({ url, adminToken }: { url: string; adminToken: string }): Promise<Page> {
  const person = await browser.person();
  const app = await browser.open(url, "/", person);
  await signIn(app.page, adminToken);
  const { page } = await browser.open(url, "/playground", person);
  return page;
}

/** Runs the example of a tab in the moment that the tab is opened, and waits for an answer without errors. */
async function runExample(page: Page, tab: Locator, meanwhile: () => Promise<unknown>): Promise<void> {
  await tab.click();
  await run(page);
  await waitFor(
    async () => {
      const answer = await answerOf(page).textContent();
      if (answer?.includes('"data"') === true) return true;
      await meanwhile();
      return false;
    },
    { timeoutMs: 30_000, intervalMs: 500 },
  );
  expect(await answerOf(page).textContent(), (await tab.textContent()) ?? "").not.toContain("errors");
}

describe.each(["Connector", "Broker"])("the playground of a %s", (part) => {
  it("is signed in, knows the schema, runs the examples, and loads nothing from elsewhere", async () => {
    const page = await openPlayground(part === "Broker" ? shop.broker : shop.paris);
    const answer = answerOf(page);
    await page.getByRole("button", { name: /show documentation explorer/i }).click();
    await page.getByRole("link", { name: "Query", exact: true }).click();
    await page.getByRole("link", { name: "offers", exact: true }).first().waitFor();

    await run(page);
    await answer.getByText("General purpose").waitFor();
    expect(await answer.getByText("Bulk storage").count(), "not in the currency that the variables name").toBe(0);
    expect(await page.title()).toContain("Playground");
  });

  it("runs each example right after its tab is opened, whatever the tab before was", async () => {
    await buySmall(); // for the example that ends a contract
    const page = await openPlayground(part === "Broker" ? shop.broker : shop.paris);
    const tabs = page.getByRole("tablist", { name: "Select active operation" }).getByRole("tab");
    await tabs.nth(4).waitFor();
    expect(await tabs.count()).toBe(part === "Broker" ? 5 : 7);
    for (const tab of await tabs.all()) {
      const isOfContracts = ((await tab.textContent()) ?? "").startsWith("ContractsLive");
      await runExample(page, tab, isOfContracts ? buySmall : async () => undefined);
    }
  });

  it("sends whoever is not signed in to the sign-in", async () => {
    const { page } = await browser.open(part === "Broker" ? shop.broker.url : shop.paris.url, "/playground");
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Token").waitFor();
  });
});
