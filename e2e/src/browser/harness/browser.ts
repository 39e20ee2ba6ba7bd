import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { DESKTOP } from "./axe.js";
import { launchChromium } from "./chromium.js";
import { Guard } from "./guard.js";

/** How long a page may take to show what is waited for: a bound for a busy machine, not an expectation. */
const PATIENCE_MS = 45_000;

/** A page of a test, watched from its first request on. */
export interface GuardedPage {
  readonly page: Page;
  readonly guard: Guard;
}

/** One Chromium for the tests of a file. Each person of a test has a context of their own: cookies and storage apart. */
export class TestBrowser {
  #browser: Browser | undefined;
  #pages: GuardedPage[] = [];
  #shots: string | undefined;

  /** Registers start, end and the judgement of every page with the test file that calls it. */
  static forThisFile(flags: readonly string[] = []): TestBrowser {
    const browser = new TestBrowser();
    beforeAll(async () => {
      browser.#browser = await launchChromium(flags);
    });
    afterEach(async ({ task }) => browser.#judge(task.name, task.result?.state === "fail"));
    afterAll(async () => browser.#browser?.close());
    return browser;
  }

  /** A new person at a new browser, whose pages talk to `origin` only. */
  async person(): Promise<BrowserContext> {
    if (this.#browser === undefined) throw new Error("the browser runs between beforeAll and afterAll only");
    return this.#browser.newContext({
      viewport: DESKTOP,
      serviceWorkers: "block",
      timezoneId: "Europe/Rome",
      locale: "en-GB",
    });
  }

  /**
   * Opens a page of the server at `origin`, and waits until it is loaded.
   * @param person whose browser: a new one unless given, or the same for another tab.
   */
  async open(origin: string, path = "/", person?: BrowserContext): Promise<GuardedPage> {
    const page = await (person ?? (await this.person())).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const guarded = { page, guard: await Guard.watch(page, new URL(origin).origin) };
    this.#pages.push(guarded);
    await page.goto(new URL(path, origin).href);
    return guarded;
  }

  async #judge(test: string, isFailed: boolean): Promise<void> {
    const pages = this.#pages;
    this.#pages = [];
    const complaints = pages.flatMap(({ guard }) => guard.complaints());
    if (isFailed || complaints.length > 0) await this.#photograph(test, pages);
    await Promise.all([...new Set(pages.map(({ page }) => page.context()))].map((context) => context.close()));
    expect(complaints).toEqual([]);
  }

  async #photograph(test: string, pages: readonly GuardedPage[]): Promise<void> {
    this.#shots ??= await mkdtemp(join(tmpdir(), "catalog-browser-"));
    for (const [index, { page }] of pages.entries()) {
      if (page.isClosed()) continue;
      const path = join(this.#shots, `${test.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 80)}-${index + 1}.png`);
      await page.screenshot({ path, timeout: 5_000 }).catch(() => undefined); // a dead page has no picture
      process.stderr.write(`What the page showed: ${path} (${page.url()})\n`);
    }
  }
}
