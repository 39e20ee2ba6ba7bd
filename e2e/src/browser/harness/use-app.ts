import type { Locator, Page } from "playwright-core";
import type { TestBrowser } from "./browser.js";
import type { Guard } from "./guard.js";
import type { Hand } from "./hands.js";
import { arrived } from "./pages.js";
import { signIn } from "./sign-in.js";

/** Where an app is and the token that opens it. */
export interface AppAddress {
  readonly url: string;
  readonly adminToken: string;
}

/** Opens a page of an app as somebody who signs in there. */
export async function openApp(
  browser: TestBrowser,
  app: AppAddress,
  path = "/",
): Promise<{ readonly page: Page; readonly guard: Guard }> {
  const opened = await browser.open(app.url, path);
  await signIn(opened.page, app.adminToken);
  await arrived(opened.page);
  return opened;
}

/** Goes to a page by the navigation at the side. */
export async function goTo(hand: Hand, entry: string): Promise<void> {
  const link = hand.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: new RegExp(`^${entry}`) });
  await hand.press(link);
  await hand.page.getByRole("heading", { level: 1 }).first().waitFor();
  await arrived(hand.page);
}

export const dialog = (page: Page): Locator => page.getByRole("dialog");

/** Waits until a state stands somewhere on the page, in the words that people use. */
export function shows(page: Page, state: string): Promise<void> {
  return page.locator("main").getByText(state, { exact: true }).first().waitFor();
}

/** Presses an action of the page (or of a part of it) and confirms it in the dialog that asks. */
export async function act(
  hand: Hand,
  action: string,
  options: { reason?: string; within?: Locator } = {},
): Promise<void> {
  const { page } = hand;
  await hand.press((options.within ?? page.locator("main")).getByRole("button", { name: action, exact: true }).first());
  if (options.reason !== undefined) await hand.type(dialog(page).getByLabel("Reason"), options.reason);
  await hand.press(dialog(page).getByRole("button", { name: action, exact: true }));
  await dialog(page).waitFor({ state: "detached" });
}
