import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { GraphqlClient } from "../harness/graphql-client.js";
import { buy, contractOf } from "../federation/operations.js";
import { openShop, type Shop, type ShopCluster } from "./fixtures/shop.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { Keyboard, Mouse } from "./harness/hands.js";
import { arrived } from "./harness/pages.js";
import { act, dialog, openApp, shows } from "./harness/use-app.js";

const browser = TestBrowser.forThisFile();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const openAt = async (cluster: ShopCluster, path: string): Promise<Page> =>
  (await openApp(browser, cluster, path)).page;

/** Paris asks Milan for a card; Milan's admin decides on each such request. */
async function requestCard(): Promise<string> {
  const { contractID } = await buy(shop.paris.api, {
    clusterID: shop.milan.clusterID,
    offerID: "gpu-a100",
    planID: "one-card",
  });
  return contractID;
}

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("with both sides' pages open, by %s", (_name, Person) => {
  it("a request is approved, and either side sees it as it happens", async () => {
    const [customer, provider] = [await openAt(shop.paris, "/contracts"), await openAt(shop.milan, "/contracts")];
    const hand = new Person(provider);
    const id = await requestCard();
    const link = (page: Page) => page.locator(`a[href="/contracts/${id}"]`);
    await link(customer).waitFor();
    await hand.press(link(provider));
    await arrived(provider);
    await shows(provider, "Waiting for approval");
    await act(hand, "Approve");
    await shows(provider, "Active");
    await customer
      .getByRole("row")
      .filter({ has: link(customer) })
      .getByText("Active", { exact: true })
      .waitFor();
    expect((await contractOf(shop.paris.api, id))?.state).toBe("ACTIVE");
    if (hand instanceof Mouse) expect(hand.clicks).toBeLessThanOrEqual(4);
  });

  it("a request is rejected, and the customer reads why", async () => {
    const id = await requestCard();
    const [customer, provider] = [
      await openAt(shop.paris, `/contracts/${id}`),
      await openAt(shop.milan, `/contracts/${id}`),
    ];
    await shows(customer, "Waiting for approval");
    await act(new Person(provider), "Reject", { reason: "All cards are promised <b>already</b>" });
    await shows(customer, "Refused");
    await customer.getByText("All cards are promised <b>already</b>").first().waitFor();
    await shows(provider, "Refused");
  });

  it("a contract is ended by the customer, and the provider reads why", async () => {
    const { turin, paris } = shop;
    const { contractID: id } = await buy(paris.api, {
      clusterID: turin.clusterID,
      offerID: "general-purpose",
      planID: "small",
    });
    const [customer, provider] = [await openAt(paris, `/contracts/${id}`), await openAt(turin, `/contracts/${id}`)];
    await shows(provider, "Active");
    const hand = new Person(customer);
    await act(hand, "Terminate", { reason: "The job is done" });
    await shows(customer, "Ended");
    await shows(provider, "Ended");
    await provider.getByText("The job is done").first().waitFor();
    if (hand instanceof Mouse) expect(hand.clicks).toBeLessThanOrEqual(4);
  });
});

describe("an action", () => {
  it("can be copied as GraphQL, and what is copied does the same", async () => {
    const id = await requestCard();
    const page = await openAt(shop.milan, `/contracts/${id}`);
    await page.getByRole("button", { name: "Copy “Approve” as GraphQL" }).click();
    const said = (name: string) => dialog(page).getByRole("region", { name }).textContent();
    const [operation, variables] = [await said("Operation"), await said("Variables")];
    expect(await findingsInEveryLook(page)).toEqual([]);
    await new GraphqlClient(shop.milan.url, shop.milan.adminToken).request(
      operation ?? "",
      JSON.parse(variables ?? "") as Record<string, unknown>,
    );
    await page.keyboard.press("Escape");
    await shows(page, "Active");
  });

  it("asks before it is done, in a dialog that axe passes and that Escape leaves undone", async () => {
    const id = await requestCard();
    const page = await openAt(shop.milan, `/contracts/${id}`);
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await dialog(page).waitFor();
    expect(await findingsInEveryLook(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    expect((await contractOf(shop.milan.api, id))?.state).toBe("PENDING_APPROVAL");
  });
});
