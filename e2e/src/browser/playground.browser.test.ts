import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./fixtures/shop.js";
import { TestBrowser } from "./harness/browser.js";
import { signIn } from "./harness/sign-in.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

describe.each(["Connector", "Broker"])("the playground of a %s", (part) => {
  it("is signed in, knows the schema, runs the examples, and loads nothing from elsewhere", async () => {
    const { url, adminToken } = part === "Broker" ? shop.broker : shop.paris;
    const person = await browser.person();
    const app = await browser.open(url, "/", person);
    await signIn(app.page, adminToken);
    const { page } = await browser.open(url, "/playground", person);
    const answer = page.getByRole("region", { name: /result|response/i });
    await page.getByRole("button", { name: /show documentation explorer/i }).click();
    await page.getByRole("link", { name: "Query", exact: true }).click();
    await page.getByRole("link", { name: "offers", exact: true }).first().waitFor();

    await page.getByRole("button", { name: /execute query/i }).click();
    await answer.getByText("General purpose").waitFor();
    expect(await answer.getByText("Bulk storage").count(), "not in the currency that the variables name").toBe(0);
    expect(await page.title()).toContain("Playground");
  });

  it("sends whoever is not signed in to the sign-in", async () => {
    const { page } = await browser.open(part === "Broker" ? shop.broker.url : shop.paris.url, "/playground");
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Token").waitFor();
  });
});
