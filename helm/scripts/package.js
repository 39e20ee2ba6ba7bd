// npm run helm:package -- FOLDER [URL]: makes FOLDER a repository of Helm: broker-<version>.tgz, connector-<version>.tgz and index.yaml, whose
// addresses begin with URL where one is given and are relative otherwise. An index that is there is added to.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { HelmMissingError, helmProgram } from "../../e2e/dist/helm/helm-tool.js";

const charts = fileURLToPath(new URL("..", import.meta.url));
const [folder, url] = process.argv.slice(2);

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function helm(...args) {
  const { status } = spawnSync(program(), args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function program() {
  try {
    return helmProgram();
  } catch (error) {
    if (!(error instanceof HelmMissingError)) throw error;
    return fail(error.message);
  }
}

if (folder === undefined) fail("Say where to: npm run helm:package -- FOLDER [URL]");
const target = resolve(folder);
await mkdir(target, { recursive: true });
helm("package", join(charts, "broker"), join(charts, "connector"), "--destination", target);
const index = join(target, "index.yaml");
helm(
  "repo",
  "index",
  target,
  ...(url === undefined ? [] : ["--url", url]),
  ...(existsSync(index) ? ["--merge", index] : []),
);
