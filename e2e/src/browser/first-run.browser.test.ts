import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { startNewcomer } from "./fixtures/newcomer.js";
import { findingsInEveryLook } from "./harness/axe.js";
import { TestBrowser } from "./harness/browser.js";
import { Keyboard, Mouse } from "./harness/hands.js";
import { arrived } from "./harness/pages.js";
import { goTo, openApp, shows } from "./harness/use-app.js";

const browser = TestBrowser.forThisFile();
let test: TestFederation;
beforeAll(async () => {
  test = await startFederation(["turin"]);
});
afterAll(() => test.stop());

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("a newcomer, by %s", (name, Person) => {
  it("is named, joins a Broker, is checked from outside, and can leave out and take up steps", async () => {
    const newcomer = await startNewcomer(test, name);
    try {
      const { createJoinString } = await test.federation.broker.api.request<{ createJoinString: { join: string } }>(
        "mutation { createJoinString { join } }",
      );
      const { page } = await openApp(browser, newcomer.connector, "/welcome");
      const hand = new Person(page);
      const press = (words: string) =>
        hand.press(page.locator("main").getByRole("button", { name: words, exact: true }).first());
      const current = page.getByRole("navigation", { name: "Steps" }).locator("[aria-current=step]");

      await hand.type(page.getByLabel("Contract endpoint"), "not an address");
      await press("Set up");
      expect(await page.locator('main [aria-invalid="true"]').count()).toBe(2);
      expect(await findingsInEveryLook(page)).toEqual([]);
      await hand.type(page.getByLabel("Name for people"), `Newcomer by ${name}`);
      await hand.type(page.getByLabel("Contract endpoint"), newcomer.connector.contractEndpoint);
      await press("Set up");
      await page.getByLabel("Join string").waitFor();

      await page.reload();
      await arrived(page);
      await page.getByLabel("Join string").waitFor();
      expect(await findingsInEveryLook(page)).toEqual([]);
      await hand.type(page.getByLabel("Join string"), createJoinString.join);
      await page.getByText("Its key fingerprint").waitFor();
      await press("Join");
      await expect.poll(() => current.textContent(), { timeout: 20_000 }).toContain("Check");
      expect(await findingsInEveryLook(page)).toEqual([]);
      await press("Go on").catch(() => press("Skip for now"));
      await expect.poll(() => current.textContent()).toContain("offer");
      expect(await findingsInEveryLook(page)).toEqual([]);
      await press("Skip for now");
      await page.getByRole("link", { name: "Open the Catalog" }).waitFor();

      await goTo(hand, "Brokers");
      await shows(page, "Connected");
      const { brokers, connector } = await newcomer.connector.api.request<{
        brokers: unknown[];
        connector: { prettyName: string };
      }>("{ brokers { brokerID } connector { prettyName } }");
      expect(brokers).toHaveLength(1);
      expect(connector.prettyName).toBe(`Newcomer by ${name}`);
      await page.close(); // before its server ends
    } finally {
      await newcomer.stop();
    }
  });
});
