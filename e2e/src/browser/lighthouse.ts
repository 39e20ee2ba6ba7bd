// npm run lighthouse: what Lighthouse says of the pages of the demo, accessibility and best practices; fails below 95.
// Lighthouse is fetched with npx when this is run, so that nobody else has to install it; it sends nothing anywhere.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@catalog/server/testing/free-port";
import { chromium } from "playwright-core";
import { everyPath, tradeForExamples } from "./fixtures/example-paths.js";
import { openShop, type ShopPart } from "./fixtures/shop.js";
import { CHROMIUM_FLAGS, findChromium } from "./harness/chromium.js";
import { signIn } from "./harness/sign-in.js";

const LIGHTHOUSE = "lighthouse@12.8.2";
const LEAST = 95;
const CATEGORIES = ["accessibility", "best-practices"];

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
  readonly audits: Readonly<Record<string, { readonly title: string; readonly score: number | null }>>;
}

async function reportOn(url: string, port: number, directory: string): Promise<Report> {
  const file = join(directory, "report.json");
  const options = [
    `--port=${port}`,
    "--disable-storage-reset", // the session is in the profile
    `--only-categories=${CATEGORIES.join(",")}`,
    "--output=json",
    `--output-path=${file}`,
    "--no-enable-error-reporting",
    "--quiet",
  ];
  await promisify(execFile)("npx", ["--yes", LIGHTHOUSE, url, ...options]);
  return JSON.parse(await readFile(file, "utf8")) as Report;
}

/** Judges the signed-in pages of one part. Returns whether all reach the least score. */
async function judge(part: ShopPart, paths: readonly string[], directory: string): Promise<boolean> {
  const port = await freePort();
  const profile = await chromium.launchPersistentContext(join(directory, `profile-${port}`), {
    executablePath: findChromium(),
    args: [...CHROMIUM_FLAGS, `--remote-debugging-port=${port}`],
  });
  try {
    const page = await profile.newPage();
    await page.goto(part.url);
    await signIn(page, part.adminToken); // the tab stays open: the tab of Lighthouse asks it for the session
    let isGood = true;
    for (const path of paths) {
      const { categories, audits } = await reportOn(new URL(path, part.url).href, port, directory);
      const scores = CATEGORIES.map((category) => Math.round((categories[category]?.score ?? 0) * 100));
      const failed = Object.values(audits).filter(({ score }) => score !== null && score < 1);
      process.stdout.write(`${scores.join(" ")} ${path} ${failed.map(({ title }) => title).join("; ")}\n`);
      isGood &&= scores.every((score) => score >= LEAST);
    }
    return isGood;
  } finally {
    await profile.close();
  }
}

async function main(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), "catalog-lighthouse-"));
  const shop = await openShop();
  try {
    const pathOf = await tradeForExamples(shop);
    process.stdout.write(`${CATEGORIES.join(", ")}; at least ${LEAST}\n`);
    const connector = await judge(shop.paris, everyPath("connector", pathOf), directory);
    const broker = await judge(shop.broker, everyPath("broker", pathOf), directory);
    return connector && broker;
  } finally {
    await shop.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

process.exitCode = (await main()) ? 0 : 1;
