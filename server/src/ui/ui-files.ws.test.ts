import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startListener } from "../graphql/graphql-listener.fixture.js";
import type { GraphqlListener } from "../graphql/listener-options.js";
import { uiFoldersOf, uiRoutes } from "./ui-files.js";

const SCRIPT = "console.log('hello');".repeat(50);

let root: string;
let port: number;
let listener: GraphqlListener;

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`http://localhost:${port}${path}`, { method, headers: { "accept-encoding": "identity", ...headers } });
const page = { accept: "text/html,application/xhtml+xml" };

/** The status line of a request whose path no client would send. */
function rawStatus(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "localhost", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\nconnection: close\r\n\r\n`),
    );
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "catalog-ui-"));
  await mkdir(join(root, "broker/assets"), { recursive: true });
  await mkdir(join(root, "playground/assets"), { recursive: true });
  await writeFile(join(root, "secret.txt"), "secret");
  await writeFile(join(root, "broker/index.html"), "<!doctype html><title>app</title>");
  await writeFile(join(root, "broker/favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
  await writeFile(join(root, "broker/assets/main-abc.js"), SCRIPT);
  await writeFile(join(root, "broker/assets/main-abc.js.br"), brotliCompressSync(SCRIPT));
  await writeFile(join(root, "broker/assets/main-abc.js.gz"), gzipSync(SCRIPT));
  await writeFile(join(root, "playground/index.html"), "<!doctype html><title>playground</title>");
  await writeFile(join(root, "playground/assets/editor-abc.css"), "body{}");
  const folders = uiFoldersOf("broker", root);
  const started = await startListener({
    extraRoutes: (app) => (folders === undefined ? undefined : uiRoutes(app, folders)),
  });
  ({ port, listener } = started);
});
afterAll(async () => {
  await listener.close(500);
  await rm(root, { recursive: true });
});

describe("the pages of a server", () => {
  it("are served at / and at every address of the app, with a policy that lets nothing else in", async () => {
    for (const path of ["/", "/index.html", "/contracts/4711", "/offers/a/b?x=1"]) {
      const answer = await get(path, page);
      expect([answer.status, await answer.text()]).toEqual([200, "<!doctype html><title>app</title>"]);
      expect(answer.headers.get("cache-control")).toBe("no-cache");
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; ");
      expect(policy).toContain(`connect-src 'self' ws://localhost:${port} wss://localhost:${port};`);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
    }
  });

  it("bring their files for ever, in the encoding that is asked for", async () => {
    for (const encoding of ["br", "gzip", "identity"]) {
      const answer = await get("/assets/main-abc.js", { "accept-encoding": encoding });
      expect(answer.headers.get("content-encoding") ?? "identity").toBe(encoding);
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(answer.headers.get("content-type")).toMatch(/javascript/);
      expect(answer.headers.get("vary")).toBe("accept-encoding");
      expect(await answer.text()).toBe(SCRIPT);
    }
    const head = await get("/assets/main-abc.js", {}, "HEAD");
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(SCRIPT.length)]);
    expect((await get("/favicon.svg")).headers.get("content-type")).toBe("image/svg+xml");
  });

  it("answer NOT_FOUND as everything does, where there is neither a file nor a page", async () => {
    for (const [path, headers] of [
      ["/assets/gone.js", page],
      ["/assets/gone", page],
      ["/gone.css", page],
      ["/contracts/4711", { accept: "application/json" }],
    ] as const) {
      const answer = await get(path, headers);
      expect([answer.status, await answer.json()]).toMatchObject([
        404,
        { errors: [{ extensions: { code: "NOT_FOUND" } }] },
      ]);
    }
    expect((await get("/contracts", page, "POST")).status).toBe(404);
  });

  it("have a playground with a policy of its own", async () => {
    for (const path of ["/playground", "/playground/", "/playground/tour"]) {
      const answer = await get(path, page);
      expect(await answer.text()).toBe("<!doctype html><title>playground</title>");
      expect(answer.headers.get("content-security-policy")).toContain(
        "script-src 'self'; style-src 'self' 'unsafe-inline'; ",
      );
    }
    expect(await (await get("/playground/assets/editor-abc.css")).text()).toBe("body{}");
  });

  it("never lead out of their folder", async () => {
    for (const path of [
      "/../secret.txt",
      "/assets/../../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
      "/..%5csecret.txt",
      "//secret.txt",
      "/playground/../secret.txt",
      "/playground/..%2f..%2fsecret.txt",
      "/%00",
      "/assets/main-abc.js%00.html",
    ]) {
      const answer = await rawStatus(path);
      expect(answer, path).toMatch(/^HTTP\/1\.1 40[04]/);
      expect(answer).not.toContain("\r\n\r\nsecret");
    }
  });

  it("say how to build them where nobody has, and can be turned off", async () => {
    const folders = uiFoldersOf("connector", join(root, "nowhere"));
    const bare = await startListener({
      extraRoutes: (app) => (folders === undefined ? undefined : uiRoutes(app, folders)),
    });
    const answer = await fetch(`http://localhost:${bare.port}/`, { headers: page });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("npm run build")]);
    await bare.listener.close(500);
    expect(uiFoldersOf("broker", "off")).toBeUndefined();
  });
});
