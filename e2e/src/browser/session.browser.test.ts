import { EventEmitter, once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { openShop, type Shop } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { Keyboard } from "./harness/hands.js";
import { signIn } from "./harness/sign-in.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const title = (page: Page) => page.getByRole("heading", { level: 1 });
const signInButton = (page: Page) => page.getByRole("button", { name: "Sign in" });

/** Ends the page's session at the server, as its expiry or an administrator elsewhere does. */
async function endSession(page: Page): Promise<void> {
  const secret = await page.evaluate(() => sessionStorage.getItem("catalog-session"));
  const status = await page.evaluate(
    async (value) => (await fetch("/session", { method: "DELETE", headers: { "catalog-session": value } })).status,
    secret ?? "",
  );
  expect(status).toBe(204);
}

describe("signing in", () => {
  it("says what is wrong with a wrong token, and lets in with the right one, by keyboard", async () => {
    const { page, guard } = await browser.open(shop.paris.url);
    guard.allow(/console: Failed to load resource.*40[13]/, "Chromium reports every answer of this kind itself");
    expect(await findingsInEveryLook(page)).toEqual([]);
    const hand = new Keyboard(page);
    await hand.type(page.getByLabel("Token"), "not-the-admin-token-at-all");
    await hand.press(signInButton(page));
    await page.getByRole("alert").waitFor();
    expect(await findingsInEveryLook(page)).toEqual([]);
    await hand.type(page.getByLabel("Token"), shop.paris.adminToken);
    await hand.press(signInButton(page));
    await title(page).waitFor();
    expect(await page.locator("html").innerHTML()).not.toContain(shop.paris.adminToken);
  });

  it("holds over a reload, and in a second tab without asking", async () => {
    const person = await browser.person();
    const { page } = await browser.open(shop.paris.url, "/catalog", person);
    await signIn(page, shop.paris.adminToken);
    await title(page).waitFor();
    await page.reload();
    await title(page).waitFor();
    const second = await browser.open(shop.paris.url, "/contracts", person);
    await title(second.page).waitFor();
    expect(await signInButton(second.page).count()).toBe(0);
  });

  it("is needed anew by somebody else, and the Broker's token opens no Connector", async () => {
    const first = await browser.open(shop.paris.url);
    await signIn(first.page, shop.paris.adminToken);
    const other = await browser.open(shop.paris.url);
    other.guard.allow(/console: Failed to load resource.*401/, "a wrong token");
    await signInButton(other.page).waitFor();
    await other.page.getByLabel("Token").fill(shop.broker.adminToken);
    await signInButton(other.page).click();
    await other.page.getByRole("alert").waitFor();
  });
});

describe("signing out", () => {
  it.each(["the Connector", "the Broker"])("at %s ends the session in every tab", async (part) => {
    const { url, adminToken } = part === "the Broker" ? shop.broker : shop.paris;
    const person = await browser.person();
    const first = await browser.open(url, "/", person);
    await signIn(first.page, adminToken);
    const second = await browser.open(url, "/", person);
    await title(second.page).waitFor();
    await first.page.getByRole("button", { name: "Sign out" }).click();
    await signInButton(first.page).waitFor();
    await signInButton(second.page).waitFor();
    await second.page.reload();
    await signInButton(second.page).waitFor();
  });
});

describe("a session that ends", () => {
  it("asks for a token wherever one is, and goes on there after it, in every tab", async () => {
    const person = await browser.person();
    const first = await browser.open(shop.paris.url, "/contracts", person);
    await signIn(first.page, shop.paris.adminToken);
    await title(first.page).waitFor();
    const second = await browser.open(shop.paris.url, "/catalog", person);
    await title(second.page).waitFor();
    const heading = (await title(first.page).textContent()) ?? "";
    for (const { guard } of [first, second])
      guard.allow(/console: .*(401|WebSocket)/, "the session was ended at the server");
    await endSession(first.page);
    await signInButton(first.page).waitFor();
    await signInButton(second.page).waitFor();
    await signIn(second.page, shop.paris.adminToken);
    await title(second.page).waitFor();
    await first.page.getByRole("heading", { level: 1, name: heading }).waitFor();
    expect(new URL(first.page.url()).pathname).toBe("/contracts");
  });

  it("is not taken for the next one by an answer that comes late", async () => {
    const { page, guard } = await browser.open(shop.paris.url, "/contracts", await browser.person());
    guard.allow(/console: .*(401|WebSocket)/, "the session was ended at the server");
    await signIn(page, shop.paris.adminToken);
    await title(page).waitFor();
    const steps = new EventEmitter();
    const [held, answered, heard] = ["held", "answered", "heard"].map((step) => once(steps, step));
    await page.route(
      "**/graphql",
      async (route) => {
        const [ended, signedIn] = [once(steps, "ended"), once(steps, "signed in")];
        steps.emit("held");
        await ended;
        const response = await route.fetch();
        steps.emit("answered");
        await signedIn;
        await route.fulfill({ response });
        steps.emit("heard");
      },
      { times: 1 },
    );
    await page.getByRole("link", { name: "Catalog" }).first().click();
    await held;
    await endSession(page);
    await signInButton(page).waitFor();
    steps.emit("ended");
    await answered;
    await signIn(page, shop.paris.adminToken);
    steps.emit("signed in");
    await heard;
    await page.getByRole("link", { name: "Contracts" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Contracts" }).waitFor();
    expect(await signInButton(page).isVisible()).toBe(false);
  });
});

describe("the token of a viewer", () => {
  it("shows what it may not do as off, and says why", async () => {
    const { createScriptToken } = await shop.turin.api.request<{ createScriptToken: { token: string } }>(
      'mutation { createScriptToken(name: "wall screen", role: VIEWER) { token } }',
    );
    const { page } = await browser.open(shop.turin.url, "/offers");
    await signIn(page, createScriptToken.token);
    const reason = "Your role (viewer) does not allow this.";
    await page.getByRole("button", { name: "More for General purpose" }).click();
    for (const action of ["Pause", "Withdraw …"]) {
      const item = page.getByRole("menuitem", { name: action });
      expect(await item.getAttribute("aria-disabled")).toBe("true");
      expect(await item.textContent()).toContain(reason);
    }
    await page.keyboard.press("Escape");
    const { milan } = shop;
    await page.goto(new URL(`/catalog/${milan.clusterID}/bulk-storage/buy?plan=two-tb&units=1`, shop.turin.url).href);
    await page.getByText(/may look but not buy/).waitFor();
    expect(await page.getByRole("button", { name: "Review", exact: true }).isDisabled()).toBe(true);
    expect(await findingsInEveryLook(page)).toEqual([]);
  });
});
