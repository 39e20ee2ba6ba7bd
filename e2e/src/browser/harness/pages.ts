import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const UI = fileURLToPath(new URL("../../../../ui/src/", import.meta.url));

/** The paths of every page that an app has, as its table of routes says them: `/contracts/:id`. */
export function routesOf(app: "connector" | "broker"): string[] {
  const table = readFileSync(`${UI}${app}/routes.ts`, "utf8");
  const paths = [...table.matchAll(/\bpath: "([^"]+)"/g)].flatMap(([, path]) => path ?? []);
  if (paths.length === 0) throw new Error(`no routes found in the table of the ${app}`);
  return paths;
}

/** Waits until the page that was opened stands: it has its heading and nothing is loading (on the page of parts something always is). */
export async function arrived(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(
    () => location.pathname === "/design" || document.querySelector('main [aria-label="Loading"]') === null,
  );
}

/** Opens a path of the page's own server in the same tab, and waits until it stands. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await arrived(page);
}
