// npm run screenshots: the pictures of the README, taken from a demo in both themes. Chromium packs them as WebP.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { waitFor } from "@catalog/server/testing/wait-for";
import { buy } from "../federation/operations.js";
import { openShop, type Shop, type ShopPart } from "./fixtures/shop.js";
import { settled } from "./harness/axe.js";
import { launchChromium } from "./harness/chromium.js";
import { arrived } from "./harness/pages.js";
import { signIn } from "./harness/sign-in.js";

const IMAGES = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const SIZE = { width: 1280, height: 800 };
const MOST_BYTES = 60_000;
const THEMES = ["light", "dark"] as const;

/** One picture: where it is taken, and what is done before. */
interface Shot {
  readonly name: string;
  readonly part: ShopPart;
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

function shotsOf({ paris, turin, broker }: Shop): readonly Shot[] {
  const purchase = `/catalog/${turin.clusterID}/general-purpose/buy?plan=medium&units=2&for=30d`;
  return [
    { name: "overview", part: turin, path: "/" },
    { name: "catalog", part: paris, path: "/catalog" },
    {
      name: "purchase",
      part: paris,
      path: purchase,
      prepare: async (page) => {
        await page.getByRole("button", { name: "Review", exact: true }).click();
        await page.getByText("What will be signed").waitFor();
      },
    },
    { name: "contracts", part: turin, path: "/contracts" },
    { name: "peerings", part: paris, path: "/peerings" },
    { name: "broker", part: broker, path: "/" },
  ];
}

/** Enough business for the pages to have something to show. */
async function trade({ paris, milan, turin }: Shop): Promise<void> {
  const of = (clusterID: string, offerID: string, planID: string, units: number) => ({
    clusterID,
    offerID,
    planID,
    units,
  });
  await buy(paris.api, of(turin.clusterID, "general-purpose", "medium", 3));
  await buy(paris.api, of(turin.clusterID, "memory-heavy", "m-16", 1));
  await buy(paris.api, of(milan.clusterID, "bulk-storage", "two-tb", 2));
  await buy(paris.api, of(milan.clusterID, "gpu-a100", "one-card", 2));
  await buy(milan.api, of(turin.clusterID, "general-purpose", "small", 4));
}

async function photograph(browser: Browser, shot: Shot, theme: (typeof THEMES)[number]): Promise<void> {
  const person = await browser.newContext({
    viewport: SIZE,
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  const page = await person.newPage();
  await page.goto(new URL(shot.path, shot.part.url).href);
  await signIn(page, shot.part.adminToken);
  await arrived(page);
  await shot.prepare?.(page);
  await page.evaluate(() => document.fonts.ready);
  await settled(page);
  await writeFile(join(IMAGES, `ui-${shot.name}-${theme}.webp`), await smallPicture(page));
  await person.close();
}

/** The best picture of the page that is small enough. */
async function smallPicture(page: Page): Promise<Buffer> {
  const chromium = await page.context().newCDPSession(page);
  for (const quality of [85, 75, 65, 50, 35, 20]) {
    const { data } = await chromium.send("Page.captureScreenshot", { format: "webp", quality });
    const picture = Buffer.from(data, "base64");
    if (picture.length <= MOST_BYTES) return picture;
  }
  throw new Error(`no picture of ${page.url()} is below ${MOST_BYTES} bytes`);
}

const shop = await openShop();
const browser = await launchChromium();
try {
  await trade(shop);
  await waitFor(async () => {
    const { peerings } = await shop.paris.api.request<{ peerings: unknown[] }>("{ peerings { phase } }");
    return peerings.length >= 2;
  });
  for (const shot of shotsOf(shop)) for (const theme of THEMES) await photograph(browser, shot, theme);
} finally {
  await browser.close();
  await shop.stop();
}
