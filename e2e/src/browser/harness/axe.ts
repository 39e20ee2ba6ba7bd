import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import type { AxeResults } from "axe-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How a page is looked at. */
export interface Look {
  readonly name: string;
  readonly scheme: "light" | "dark";
  readonly width: number;
  readonly height: number;
}

export const DESKTOP = { width: 1280, height: 800 };

export const LOOKS: readonly Look[] = [
  { name: "light", scheme: "light", ...DESKTOP },
  { name: "dark", scheme: "dark", ...DESKTOP },
  { name: "light, 360 px", scheme: "light", width: 360, height: 740 },
  { name: "dark, 360 px", scheme: "dark", width: 360, height: 740 },
];

/**
 * Looks at the page as it stands in every theme and width, and restores the first.
 * @returns one line for each finding of axe, and one where the page is wider than the window.
 */
export async function findingsInEveryLook(page: Page): Promise<string[]> {
  const findings: string[] = [];
  for (const look of LOOKS) {
    await page.setViewportSize({ width: look.width, height: look.height });
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: "reduce" });
    const found = [...(await axeFindings(page)), ...(await overflow(page))];
    findings.push(...found.map((finding) => `${look.name}: ${finding}`));
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  return findings;
}

/** One line for each finding of axe, with the elements that it names. */
export async function axeFindings(page: Page): Promise<string[]> {
  await settled(page);
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
      resultTypes: ["violations"],
    }),
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) => `${id}: ${help}: ${node.html.slice(0, 200)} (${node.target.join(" ")}) ${node.failureSummary ?? ""}`,
    ),
  );
}

/** Waits until nothing moves that ends by itself: what a change of the page sets in motion begins a frame later. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let looks = 0; looks < 20; looks++) {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
      if (ending.length === 0) return;
      await Promise.allSettled(ending.map((one) => one.finished));
    }
  });
}

/** A page that has to be scrolled sideways does not fit: one line that names the first element that sticks out. */
export async function overflow(page: Page): Promise<string[]> {
  const { wide, window, culprit } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const isClipped = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX !== "visible" || isClipped(element.parentElement));
    const outside = [...document.querySelectorAll("#app *")].find(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 && !isClipped(element.parentElement),
    );
    return { wide: scrollWidth, window: clientWidth, culprit: outside?.outerHTML.slice(0, 300) ?? "" };
  });
  return wide > window ? [`the page is ${wide} px wide in a window of ${window} px: ${culprit}`] : [];
}
