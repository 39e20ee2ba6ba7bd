// npm ci builds everything (prepare); where that was skipped, build now, once.
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const entries = ["broker/dist/main.js", "connector/dist/main.js", "e2e/dist/demo/main.js"];
const pages = ["connector", "broker", "playground"].map((app) => `ui/dist/${app}/index.html`);

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (!entries.every((entry) => existsSync(`${root}/${entry}`))) {
  process.stdout.write("Building …\n");
  run(`${root}/node_modules/typescript/bin/tsc`, "-b");
}
if (!pages.every((page) => existsSync(`${root}/${page}`))) run(`${root}/ui/scripts/build.js`);
