import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, saveOffer } from "../federation/operations.js";
import { anyOffer } from "./fixtures/any-offer.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { arrived } from "./harness/pages.js";
import { signIn } from "./harness/sign-in.js";

const browser = TestBrowser.forThisFile();
let test: TestFederation;
beforeAll(async () => {
  test = await startFederation(["turin", "paris"]);
  await saveOffer(test.federation.connector("turin").api, anyOffer("box", "Box"));
  const { clusterID } = test.federation.connector("turin").spec;
  await waitFor(() => availableOf(test.federation.connector("paris").api, clusterID, "box", "one"));
});
afterAll(() => test.stop());

describe("a Connector that is away", () => {
  it("leaves what is shown in place, with its age, and all that was missed arrives when it is back", async () => {
    const [paris, turin] = [test.federation.connector("paris"), test.federation.connector("turin")];
    const order = () => buy(paris.api, { clusterID: turin.spec.clusterID, offerID: "box", planID: "one" });
    const first = await order();
    const { page, guard } = await browser.open(turin.url, "/contracts");
    guard.allow(/console: (WebSocket connection to|Failed to load resource: net::ERR_)/, "the Connector is killed");
    await signIn(page, turin.adminToken);
    await arrived(page);
    const row = (id: string) => page.locator(`a[href="/contracts/${id}"]`);
    await row(first.contractID).waitFor();
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));

    await turin.process.kill();
    const banner = page.getByText("No connection to the server");
    await banner.waitFor();
    expect(await row(first.contractID).isVisible()).toBe(true);
    expect(await findingsInEveryLook(page)).toEqual([]);

    await turin.process.start();
    const second = await order();
    await row(second.contractID).waitFor({ timeout: 60_000 });
    await banner.waitFor({ state: "detached" });
    expect(await page.evaluate(() => "isSamePage" in globalThis)).toBe(true);
  });
});
