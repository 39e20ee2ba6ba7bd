import type { Page } from "playwright-core";

/** Signs in with a token where the page asks for one, and waits until the app stands. */
export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#content").waitFor();
}
