import type { Page } from "playwright-core";

/** Has the page note every task that keeps it from answering for more than 50 ms. To be called before it is opened. */
export async function watchLongTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
  });
}

/**
 * The longest of those tasks while `interact` runs and until the page has been drawn after it, ms; 0 if there was none.
 * Prints it as a figure, `name value target`: machines differ, so nothing depends on it.
 */
export async function figureOf(page: Page, name: string, interact: () => Promise<void>): Promise<number> {
  const tasks = () => page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0));
  await tasks();
  await interact();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const longest = Math.round(Math.max(0, ...(await tasks())));
  process.stdout.write(`${name} ${longest} 50\n`);
  return longest;
}
