import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, contractOf } from "../federation/operations.js";
import { openShop, type Shop } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { type Hand, Keyboard, Mouse } from "./harness/hands.js";
import { arrived } from "./harness/pages.js";
import { act, goTo, openApp, shows } from "./harness/use-app.js";

/** From the start page to the end, by each hand. The other main tasks stand in files of their own. */
const MOST_CLICKS = 4;

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

/** Prints how many clicks a task took, `name value target`, and fails above the target. */
function expectFewClicks(hand: Hand, task: string): void {
  if (!(hand instanceof Mouse)) return;
  process.stdout.write(`clicks-${task} ${hand.clicks} ${MOST_CLICKS}\n`);
  expect(hand.clicks).toBeLessThanOrEqual(MOST_CLICKS);
}

const orderSmall = () =>
  buy(shop.paris.api, { clusterID: shop.turin.clusterID, offerID: "general-purpose", planID: "small" });

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("by %s", (name, Person) => {
  it("an offer is published, and stands in the other clusters' Catalogs", async () => {
    const { page } = await openApp(browser, shop.turin);
    const hand = new Person(page);
    await goTo(hand, "My offers");
    await hand.press(page.getByRole("link", { name: "New offer" }));
    const field = (label: string) => page.getByLabel(label, { exact: true });
    await hand.type(field("Name"), `Spot, by ${name}`);
    await hand.type(page.getByLabel(/^Offer ID/), `spot-${name}`);
    await hand.type(page.getByLabel(/^Plan ID/), "one");
    await hand.type(field("Price of one unit"), "0.25");
    await hand.type(field("CPU"), "1500m");
    await hand.type(field("Memory"), "2Gi");
    await hand.type(field("How many units there are"), "6");
    expect(await findingsInEveryLook(page)).toEqual([]);
    await hand.press(page.getByRole("button", { name: "Publish", exact: true }));
    await page.getByRole("link", { name: `Spot, by ${name}` }).waitFor();
    await waitFor(async () => (await availableOf(shop.paris.api, shop.turin.clusterID, `spot-${name}`, "one")) === 6);
    expectFewClicks(hand, "publish");
  });

  it("a contract is ended", async () => {
    const { contractID } = await orderSmall();
    const { page } = await openApp(browser, shop.paris);
    const hand = new Person(page);
    await goTo(hand, "Contracts");
    await hand.press(page.locator(`a[href="/contracts/${contractID}"]`).first());
    await arrived(page);
    await act(hand, "Terminate");
    await shows(page, "Ended");
    expect((await contractOf(shop.paris.api, contractID))?.state).toBe("TERMINATED");
    expectFewClicks(hand, "end");
  });
});

describe("an offer that cannot be published", () => {
  it("is told field by field, and nothing is sent", async () => {
    const { page } = await openApp(browser, shop.turin, "/offers/new");
    await page.getByLabel("Name", { exact: true }).fill("x".repeat(129));
    await page.getByLabel("CPU", { exact: true }).fill("much");
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByRole("alert").first().waitFor();
    expect(await page.locator('main [aria-invalid="true"]').count()).toBeGreaterThanOrEqual(3);
    expect(await findingsInEveryLook(page)).toEqual([]);
    const { myOffers } = await shop.turin.api.request<{ myOffers: { offerName: string }[] }>(
      "{ myOffers { offerName } }",
    );
    expect(myOffers.some(({ offerName }) => offerName.startsWith("xxx"))).toBe(false);
  });
});
