import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { axeFindings, DESKTOP, findingsInEveryLook } from "./axe.js";
import { launchChromium } from "./chromium.js";
import { Guard } from "./guard.js";
import { Keyboard, Mouse } from "./hands.js";

let server: Server;
let origin: string;
let browser: Browser;
let html = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const isFound = request.url === "/";
    response.writeHead(isFound ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; script-src 'self' 'nonce-n'; connect-src *; style-src 'unsafe-inline'; img-src data:",
    });
    response.end(isFound ? html : "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  server.close();
});

async function open(body: string, title = "A page") {
  html = `<!doctype html><html lang="en"><head><title>${title}</title><link rel="icon" href="data:,"></head><body><main>${body}</main></body></html>`;
  const page = await (await browser.newContext({ viewport: DESKTOP })).newPage();
  const guard = await Guard.watch(page, origin);
  await page.goto(origin);
  return { page, guard };
}

const script = (code: string): string => `<h1>Page</h1><script nonce="n">${code}</script>`;

describe("a watched page", () => {
  it("has nothing to complain of by itself", async () => {
    const { page, guard } = await open("<h1>Page</h1><p>Nothing</p>");
    expect(await findingsInEveryLook(page)).toEqual([]);
    expect(guard.complaints()).toEqual([]);
  });

  it.each([
    ["an error in the console", "console.error('broken')", /^console: broken/],
    ["an exception", "throw new Error('thrown')", /^exception: Error: thrown/],
    ["a rejection that nobody handles", "void Promise.reject(new Error('late'))", /^exception: Error: late/],
    [
      "a request to another origin",
      "fetch('http://127.0.0.1:9/x').catch(() => 0)",
      /^left the origin: GET http:\/\/127\.0\.0\.1:9/,
    ],
    [
      "a socket to another origin",
      "new WebSocket('ws://127.0.0.1:9/x')",
      /^left the origin: socket ws:\/\/127\.0\.0\.1:9/,
    ],
    [
      "a refusal by the policy",
      "document.body.append(Object.assign(new Image(), { src: '/x.png' }))",
      /^console: policy: img-src refused/,
    ],
  ])("reports %s", async (_what, code, complaint) => {
    const { page, guard } = await open(script(code));
    await expect.poll(() => guard.complaints()).toContainEqual(expect.stringMatching(complaint));
    guard.allow(/./, "so far");
    expect(guard.complaints()).toEqual([]);
    await page.close();
  });

  it("reports what axe finds, and a page that is too wide, in the look where it is so", async () => {
    const { page } = await open('<h1>Page</h1><div style="width: 700px"><img src="data:,"></div>');
    const findings = await findingsInEveryLook(page);
    expect(findings.filter((finding) => finding.includes("image-alt"))).toHaveLength(4);
    expect(findings.filter((finding) => finding.includes("the page is"))).toEqual([
      expect.stringMatching(/^light, 360 px: the page is 7\d\d px wide in a window of 360 px/),
      expect.stringMatching(/^dark, 360 px: /),
    ]);
    const faint = await open('<h1>Page</h1><p style="color: #ccc; background: #fff">Faint</p>');
    expect(await axeFindings(faint.page)).toEqual([expect.stringContaining("color-contrast")]);
  });
});

describe("hands", () => {
  const form = `<h1>Form</h1><form><label>Name <input id="name"></label>
    <label>Kind <select id="kind"><option>One</option><option>Two</option></select></label>
    <label><input type="checkbox" id="sure"> Sure</label><button type="button" id="go">Go</button></form>`;

  it.each(["mouse", "keyboard"])("fill a form with the %s", async (kind) => {
    const { page } = await open(form);
    const hand = kind === "mouse" ? new Mouse(page) : new Keyboard(page);
    await hand.type(page.getByLabel("Name"), "Ada");
    await hand.choose(page.getByLabel("Kind"), "Two");
    await hand.press(page.getByLabel("Sure"));
    await page.evaluate(() =>
      document.querySelector("#go")?.addEventListener("click", () => (document.title = "gone")),
    );
    await hand.press(page.getByRole("button", { name: "Go" }));
    expect(await page.title()).toBe("gone");
    expect(await page.getByLabel("Name").inputValue()).toBe("Ada");
    expect(await page.getByLabel("Kind").inputValue()).toBe("Two");
    expect(await page.getByLabel("Sure").isChecked()).toBe(true);
    if (hand instanceof Mouse) expect(hand.clicks).toBe(4);
  });

  it("do not let a focus pass that nobody sees, nor a thing that no key reaches", async () => {
    const unseen = await open(
      `<style>a:focus { outline: none }</style><h1>Page</h1><a href="/">Back</a><button>Go</button>`,
    );
    await expect(new Keyboard(unseen.page).press(unseen.page.getByRole("button"))).rejects.toThrow("nothing shows");
    const unreachable = await open(`<h1>Page</h1><div role="button">Go</div><a href="/">Back</a>`);
    await expect(new Keyboard(unreachable.page).press(unreachable.page.getByRole("button"))).rejects.toThrow(
      "not reached",
    );
  });
});
