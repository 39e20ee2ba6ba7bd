import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { GraphqlClient } from "../harness/graphql-client.js";
import { startNewcomer } from "./fixtures/newcomer.js";
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

describe.each([
  ["mouse", Mouse],
  ["keyboard", Keyboard],
])("the operator of a Broker, by %s", (name, Person) => {
  it("invites a cluster with a join string, sees it come in, and shuts it out and lets it in again", async () => {
    const newcomer = await startNewcomer(test, name);
    try {
      const { page } = await openApp(browser, test.federation.broker);
      const hand = new Person(page);
      await goTo(hand, "Join strings");
      await hand.press(page.locator("main").getByRole("button", { name: "Create join string" }).first());
      await hand.type(dialog(page).getByLabel("Name"), `For ${name}`);
      await hand.press(dialog(page).getByRole("button", { name: "Create", exact: true }));
      const join =
        (await dialog(page)
          .getByText(/^catalog-join:/)
          .textContent()) ?? "";
      expect(await findingsInEveryLook(page)).toEqual([]);
      await hand.press(dialog(page).getByRole("button", { name: "I have sent it" }));
      if (hand instanceof Mouse) expect(hand.clicks).toBeLessThanOrEqual(4);

      await newcomer.connector.api.request(
        "mutation ($name: String!, $endpoint: String!) { initCatalog(prettyName: $name, contractEndpoint: $endpoint) { prettyName } }",
        { name: `Newcomer by ${name}`, endpoint: newcomer.connector.contractEndpoint },
      );
      await newcomer.connector.api.request("mutation ($join: String!) { registerBroker(join: $join) { brokerID } }", {
        join,
      });
      await goTo(hand, "Members");
      const row = page.getByRole("row").filter({ hasText: `Newcomer by ${name}` });
      await row.waitFor();
      expect(await findingsInEveryLook(page)).toEqual([]);
      await act(hand, "Revoke", { within: row });
      await row.getByText("Revoked", { exact: true }).waitFor();
      await act(hand, "Approve", { within: row });
      await row.getByRole("button", { name: "Revoke", exact: true }).waitFor();
    } finally {
      await newcomer.stop();
    }
  });

  it("changes how clusters are let in, after having been asked", async () => {
    const { page } = await openApp(browser, test.federation.broker, "/join-strings");
    const hand = new Person(page);
    for (const mode of ["Join string, or your approval", "Join string only"]) {
      await hand.press(page.getByRole("radio", { name: new RegExp(`^${mode}`) }));
      await act(hand, "Change");
      await page.locator("label").filter({ hasText: mode }).getByText("as it is now").waitFor();
    }
  });

  it("begins a new epoch only when sure", async () => {
    const { page } = await openApp(browser, test.federation.broker, "/feed");
    const hand = new Person(page);
    await hand.press(page.getByRole("button", { name: "Begin a new epoch", exact: true }));
    const confirm = dialog(page).getByRole("button", { name: "Begin a new epoch", exact: true });
    expect(await confirm.isDisabled()).toBe(true);
    expect(await findingsInEveryLook(page)).toEqual([]);
    await hand.press(dialog(page).getByLabel("I know what this does"));
    await hand.press(confirm);
    await dialog(page).waitFor({ state: "detached" });
  });
});

describe("a read token", () => {
  it("reads the Catalog until it is revoked", async () => {
    const { page } = await openApp(browser, test.federation.broker, "/read-tokens");
    await page
      .locator("main")
      .getByRole("button", { name: /^Create/ })
      .first()
      .click();
    await dialog(page).getByLabel("Name").fill("Dashboard");
    await dialog(page).getByRole("button", { name: "Create", exact: true }).click();
    const shown = dialog(page).locator(".font-mono").first();
    await shown.waitFor();
    const token = ((await shown.textContent()) ?? "").trim();
    const reader = new GraphqlClient(test.federation.broker.url, token);
    const read = () => reader.request<{ viewer: { kind: string } }>("{ viewer { kind } }");
    expect((await read()).viewer.kind).toBe("READER");
    await page.keyboard.press("Escape");
    const row = page.getByRole("row").filter({ hasText: "Dashboard" });
    await act(new Mouse(page), "Revoke", { within: row });
    await shows(page, "Revoked");
    await expect(read()).rejects.toThrow("UNAUTHENTICATED");
  });
});
