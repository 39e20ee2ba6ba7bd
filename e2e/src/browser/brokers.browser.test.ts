import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { anyOffer } from "./fixtures/any-offer.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { Keyboard, Mouse } from "./harness/hands.js";
import { act, dialog, goTo, openApp, shows } from "./harness/use-app.js";

const browser = TestBrowser.forThisFile();
let test: TestFederation;
beforeAll(async () => {
  test = await startFederation(["turin", "paris"]);
});
afterAll(() => test.stop());

async function joinString(): Promise<string> {
  const { createJoinString } = await test.federation.broker.api.request<{ createJoinString: { join: string } }>(
    "mutation { createJoinString { join } }",
  );
  return createJoinString.join;
}

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("by %s", (_name, Person) => {
  it("a Broker is left, and joined again with its join string, in at most four clicks", async () => {
    const paris = test.federation.connector("paris");
    const { page } = await openApp(browser, paris, "/brokers");
    await shows(page, "Connected");
    await act(new Person(page), "Remove");
    await page.getByText("No Broker yet").waitFor();
    expect(await findingsInEveryLook(page)).toEqual([]);

    await page.goto(paris.url);
    const hand = new Person(page);
    await goTo(hand, "Brokers");
    await hand.press(page.getByRole("button", { name: "Join a Broker" }).first());
    await hand.type(dialog(page).getByLabel("Join string"), "not a join string");
    await dialog(page).getByLabel("Join string").blur();
    expect(await findingsInEveryLook(page)).toEqual([]);
    await hand.type(dialog(page).getByLabel("Join string"), await joinString());
    await dialog(page).getByText("Its key fingerprint").waitFor();
    await hand.press(dialog(page).getByRole("button", { name: "Join", exact: true }));
    await dialog(page).waitFor({ state: "detached" });
    await shows(page, "Connected");
    if (hand instanceof Mouse) expect(hand.clicks).toBeLessThanOrEqual(4);
  });
});

describe("a Broker that is away", () => {
  it("is told as away, and all that it has missed arrives when it is back", async () => {
    const { broker } = test.federation;
    const { page } = await openApp(browser, test.federation.connector("paris"), "/brokers");
    await shows(page, "Connected");
    await broker.process.kill();
    await shows(page, "Away");
    expect(await findingsInEveryLook(page)).toEqual([]);
    const catalog = await openApp(browser, test.federation.connector("paris"), "/catalog");
    await saveOffer(test.federation.connector("turin").api, anyOffer("late", "Made while nobody listened"));
    await broker.process.start();
    await page.locator("main").getByText("Connected", { exact: true }).waitFor({ timeout: 60_000 });
    await waitFor(
      async () => {
        const changes = catalog.page.getByRole("button", { name: /changes? – show/ });
        if (await changes.isVisible()) await changes.click();
        return catalog.page.getByText("Made while nobody listened").first().isVisible();
      },
      { timeoutMs: 60_000 },
    );
  });

  it("can be told to be quiet, and to speak again", async () => {
    const { page } = await openApp(browser, test.federation.connector("paris"), "/brokers");
    await shows(page, "Connected");
    await act(new Mouse(page), "Disable");
    await shows(page, "Off");
    await page.getByRole("button", { name: "Enable", exact: true }).click();
    await shows(page, "Connected");
  });
});
