import "reflect-metadata";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConsolePage } from "@catalog/server/testing/console-page";
import { TestConnector } from "../testing/test-connector.js";

const TOKEN = "the-admin-token-of-a-test";
const VIEWER = "{ viewer { actor role permissions isSession expiresAt } }";

let connector: TestConnector;
let page: ConsolePage;

beforeAll(async () => {
  connector = await TestConnector.start({ UI_DIR: "off" });
  await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
});
afterAll(() => connector.stop());
beforeEach(() => {
  page = new ConsolePage(connector.ports.admin);
});

describe("a session", () => {
  it("is a cookie that scripts cannot read, and a secret beside it", async () => {
    const response = await page.signIn(TOKEN);
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-catalog-[\w-]{12}=[\w-]{43}; Path=\/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(await page.ask(VIEWER)).toMatchObject({
      status: 200,
      data: {
        viewer: { actor: "admin session", role: "ADMIN", isSession: true, expiresAt: expect.any(Number) as number },
      },
    });
  });

  it("does not count without its secret, from another page, with another console's cookie, or by GET", async () => {
    await page.signIn(TOKEN);
    const other = new ConsolePage(connector.ports.admin);
    await other.signIn(TOKEN);
    const refused = { status: 401, code: "UNAUTHENTICATED" };
    expect(await page.ask(VIEWER, { secret: null })).toMatchObject(refused);
    expect(await page.ask(VIEWER, { secret: other.secret })).toMatchObject(refused);
    expect(await page.ask(VIEWER, { cookie: null })).toMatchObject(refused);
    expect(await page.ask(VIEWER, { cookie: `${page.cookie}; ${other.cookie}` })).toMatchObject(refused);
    const foreign = page.cookie?.replace(/^__Host-catalog-.{12}/, "__Host-catalog-AAAAAAAAAAAA") ?? "";
    expect(await page.ask(VIEWER, { cookie: foreign })).toMatchObject(refused);
    for (const origin of [
      null,
      "null",
      "http://localhost:1",
      "http://localhost",
      "https://evil.example",
      `${page.origin}.evil.example`,
      page.origin.replace("http:", "https:"),
    ]) {
      expect(await page.ask(VIEWER, { origin })).toMatchObject(refused);
    }
    const read = await page.fetch(`/graphql?query=${encodeURIComponent(VIEWER)}`, { method: "GET" }, { origin: null });
    expect(read.status).toBe(401);
    expect((await page.ask(VIEWER)).status).toBe(200);
  });

  it("begins only from a page of this server, with JSON", async () => {
    expect((await page.signIn(TOKEN, { origin: null })).status).toBe(403);
    expect((await page.signIn(TOKEN, { origin: "https://evil.example" })).status).toBe(403);
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]) {
      const form = await page.fetch("/session", {
        method: "POST",
        body: `{"token":"${TOKEN}"}`,
        headers: { "content-type": type },
      });
      expect([form.status, form.headers.get("set-cookie")]).toEqual([415, null]);
    }
    expect((await page.fetch("/session", { method: "POST", body: "{}" })).status).toBe(400);
    expect((await page.fetch("/session", { method: "GET" })).status).toBe(404);
  });

  it("ends where it is ended: no answer, and its sockets close", async () => {
    await page.signIn(TOKEN);
    const stays = new ConsolePage(connector.ports.admin);
    await stays.signIn(TOKEN);
    const codes: number[] = [];
    const others: number[] = [];
    const clients = [page.socket((code) => codes.push(code)), stays.socket((code) => others.push(code))];
    const opened = clients.map((client) => new Promise<void>((resolve) => client.on("connected", () => resolve())));
    const ignore = { next: () => undefined, error: () => undefined, complete: () => undefined };
    for (const client of clients) client.subscribe({ query: "subscription { activity { id } }" }, ignore);
    await Promise.all(opened);
    expect((await page.signOut({ origin: "https://evil.example" })).status).toBe(403);
    expect((await page.signOut({ secret: stays.secret })).status).toBe(204);
    expect((await page.ask(VIEWER)).status).toBe(200);
    const ended = await page.signOut();
    expect([ended.status, ended.headers.get("set-cookie")]).toEqual([204, expect.stringContaining("Max-Age=0")]);
    await waitFor(() => codes.length > 0);
    expect([codes, others]).toEqual([[4403], []]);
    expect(await page.ask(VIEWER)).toMatchObject({ status: 401 });
    const late = page.socket((code) => codes.push(code));
    late.subscribe({ query: "subscription { activity { id } }" }, ignore);
    await waitFor(() => codes.length > 1);
    expect(codes[1]).toBe(4401);
    await stays.signOut();
    for (const client of [...clients, late]) await client.dispose();
  });

  it("cannot be guessed in a hurry; who knows the token is not held up before that", async () => {
    for (let attempt = 0; attempt < 15; attempt += 1) expect((await page.signIn(TOKEN)).status).toBe(201);
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) statuses.push((await page.signIn(`guess-${attempt}`)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    const limited = await page.signIn("one-more");
    expect(await limited.json()).toMatchObject({
      errors: [{ extensions: { code: "RATE_LIMITED", details: { retryAfter: expect.any(Number) as number } } }],
    });
  });
});
