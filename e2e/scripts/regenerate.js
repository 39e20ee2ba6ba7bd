// npm run schema: writes what is generated from the code and committed: the SDL files, the references of the APIs, of the settings and of the
// command line.
// With --check nothing is changed: it fails if what is committed is not what the code says.
import { readFile, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configTable } from "@catalog/server/config";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isCheck = process.argv.includes("--check");
const stale = [];

async function put(file, text) {
  const path = join(root, file);
  const current = await readFile(path, "utf8").catch(() => "");
  if (current === text) return;
  stale.push(file);
  if (!isCheck) await writeFile(path, text);
}

async function schemas() {
  const files = ["broker", "connector", "peer"].map((name) => join(root, "schema", `${name}.graphql`));
  const before = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  for (const part of ["broker", "connector"]) {
    const { status } = spawnSync(process.execPath, [`${part}/dist/emit-schema.js`], { cwd: root, stdio: "inherit" });
    if (status !== 0) process.exit(1);
  }
  const { status } = spawnSync(process.execPath, ["ui/scripts/emit-types.js", ...(isCheck ? ["--check"] : [])], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) stale.push("the types of the pages");
  for (const [n, file] of files.entries()) {
    if ((await readFile(file, "utf8")) === before[n]) continue;
    stale.push(file);
    if (isCheck) await writeFile(file, before[n]);
  }
}

/** The tables of docs/settings.md. */
async function settings() {
  const file = "docs/settings.md";
  let text = await readFile(join(root, file), "utf8");
  for (const part of ["broker", "connector"]) {
    const spec = (await import(`../../${part}/dist/config.js`))[`${part.toUpperCase()}_SETTINGS`];
    const [begin, end] = [`<!-- ${part} configuration: generated -->\n`, `<!-- end of ${part} configuration -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < 0) throw new Error(`${file} has no place for the configuration of ${part}`);
    text = `${text.slice(0, from + begin.length)}\n${configTable(spec)}\n${text.slice(to)}`;
  }
  await put(file, text);
}

/** The reference of each API: its schema with examples that a test has sent (e2e/src/docs). */
async function references() {
  const { OPERATION_PERMISSIONS } = await import("../../connector/dist/graphql/admin/permissions.js");
  const { referencePages } = await import("../dist/docs/reference-pages.js");
  const pages = await referencePages((operation) => OPERATION_PERMISSIONS[operation]);
  for (const [file, text] of pages) await put(file, text);
}

/** The reference of the command line: what --help prints for each command. */
async function commandLine() {
  const { createProgram } = await import("../../connector/dist/cli/program.js");
  const { referenceOf } = await import("../../connector/dist/cli/reference.js");
  const nobody = { env: {}, out() {}, err() {}, readInput: async () => "", signal: new AbortController().signal };
  await put("docs/cli.md", referenceOf(createProgram(nobody, "").program));
}

await schemas();
await settings();
await references();
await commandLine();
if (isCheck && stale.length > 0) {
  process.stderr.write(`not what the code says: ${stale.join(", ")}; run "npm run schema"\n`);
  process.exit(1);
}
