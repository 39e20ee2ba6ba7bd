// Builds the apps whose inputs have changed since their last build, with .br and .gz beside every file that shrinks.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import { initialBytes, MOST_INITIAL_BYTES } from "./initial-size.js";

const here = fileURLToPath(new URL("..", import.meta.url));
const APPS = ["connector", "broker", "playground"];

/** What an app is made of: its own folder, what all share, and the versions that the lock file names. */
const SHARED = [
  "src/lib",
  "src/features",
  "public",
  "scripts/build.js",
  "vite.config.js",
  "svelte.config.js",
  "package.json",
];
const OUTSIDE = ["../schema/src", "../schema/connector.graphql", "../package-lock.json"];

/** Files above this size, in bytes, are packed less hard: the last percent of Monaco costs seconds. */
const LARGE = 300_000;
const TEXT = /\.(html|js|css|svg|json|map|txt|ttf)$/;

async function filesBelow(path) {
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function fingerprintOf(app) {
  const hash = createHash("sha256").update(process.version);
  const roots = app === "playground" ? ["src/lib/graphql", ...SHARED.slice(2)] : SHARED;
  for (const root of [`src/${app}`, ...roots, ...OUTSIDE]) {
    for (const file of (await filesBelow(join(here, root))).sort()) {
      if (file.endsWith(".test.ts")) continue;
      hash
        .update(relative(here, file))
        .update("\0")
        .update(await readFile(file))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

async function pack(directory) {
  const pairs = (await filesBelow(directory))
    .filter((file) => TEXT.test(file))
    .map(async (file) => {
      const bytes = await readFile(file);
      if (bytes.length < 512) return;
      const quality = bytes.length > LARGE ? 5 : 11;
      const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      const [br, gz] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes)]);
      if (br.length < bytes.length) await writeFile(`${file}.br`, br);
      if (gz.length < bytes.length) await writeFile(`${file}.gz`, gz);
    });
  await Promise.all(pairs);
}

async function checkInitialSize(app, output) {
  const bytes = await initialBytes(output);
  if (bytes <= MOST_INITIAL_BYTES) return;
  throw new Error(`${app} loads ${bytes} bytes (gzip) before it shows something; at most ${MOST_INITIAL_BYTES}`);
}

async function buildApp(app, vite, force) {
  const output = join(here, "dist", app);
  const stamp = join(here, "dist", `.${app}.inputs`);
  const inputs = await fingerprintOf(app);
  const built = await readFile(stamp, "utf8").catch(() => "");
  if (!force && built === inputs && existsSync(join(output, "index.html"))) return;
  const started = performance.now();
  await rm(stamp, { force: true });
  await vite.build({ configFile: join(here, "vite.config.js"), mode: app, logLevel: "warn" });
  if (app !== "playground") await checkInitialSize(app, output);
  await pack(output);
  await mkdir(join(here, "dist"), { recursive: true });
  await writeFile(stamp, inputs);
  process.stdout.write(`ui/dist/${app} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
}

const vite = await import("vite").catch(() => undefined);
if (vite === undefined) {
  // npm ci --omit=dev: what serves the pages needs what was built before, not the tools.
  process.stdout.write("ui: the build tools are not installed; what was built before stays as it is\n");
} else {
  const wanted = process.argv.slice(2).filter((name) => APPS.includes(name));
  for (const app of wanted.length > 0 ? wanted : APPS) await buildApp(app, vite, process.argv.includes("--force"));
}
