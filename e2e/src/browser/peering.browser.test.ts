import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { anyOffer } from "./fixtures/any-offer.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { Keyboard, Mouse } from "./harness/hands.js";
import { arrived } from "./harness/pages.js";
import { act, goTo, openApp } from "./harness/use-app.js";

const LIQO = {
  LIQO_AUTH_ENDPOINT: "https://10.1.2.3",
  LIQO_AUTH_TOKEN: "0123456789abcdef",
  LIQO_VERSION: "0.8.3",
  ALLOW_CIDRS: "10.0.0.0/8",
};
const browser = TestBrowser.forThisFile();
let test: TestFederation;
beforeAll(async () => {
  test = await startFederation(["turin", "paris"], LIQO);
  const [turin, paris] = [test.federation.connector("turin"), test.federation.connector("paris")];
  await saveOffer(turin.api, anyOffer("box", "Box"));
  await waitFor(() => availableOf(paris.api, turin.spec.clusterID, "box", "one"));
  await buy(paris.api, { clusterID: turin.spec.clusterID, offerID: "box", planID: "one" });
});
afterAll(() => test.stop());

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("by %s", (_name, Person) => {
  it("a peering is taken down and made again, and its manifests stand there to be applied", async () => {
    const { page } = await openApp(browser, test.federation.connector("paris"), "/peerings");
    const row = page.locator('a[href^="/peerings/"]').first();
    const manifests = page.getByRole("region", { name: "Manifests to apply" });
    await row.click();
    await manifests.waitFor();
    await act(new Person(page), "Take down");
    await page.getByRole("button", { name: "Create peering", exact: true }).waitFor();

    await page.goto(test.federation.connector("paris").url);
    await arrived(page);
    const hand = new Person(page);
    await goTo(hand, "Peerings");
    await hand.press(row);
    await arrived(page);
    await act(hand, "Create peering");
    await manifests.waitFor();
    expect(await manifests.textContent()).toContain("apiVersion:");
    expect(await findingsInEveryLook(page)).toEqual([]);
    if (!(hand instanceof Mouse)) return;
    process.stdout.write(`clicks-peer ${hand.clicks} 4\n`);
    expect(hand.clicks).toBeLessThanOrEqual(4);
  });
});
