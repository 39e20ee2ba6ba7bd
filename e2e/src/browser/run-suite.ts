// npm run test:browser: builds what changed in the UIs, finds a Chromium, then runs the tests in it. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ChromiumMissingError, findChromium } from "./harness/chromium.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Two files at once: each has servers and a browser of its own, which is as much as a small machine holds. */
const PARALLEL = "--maxWorkers=2";

function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const options = { cwd: root, stdio: "inherit", env: { ...process.env, ...env } } as const;
  return spawnSync(process.execPath, [`${root}${script}`, ...args], options).status ?? 1;
}

function main(): number {
  try {
    findChromium();
  } catch (error) {
    if (!(error instanceof ChromiumMissingError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const built = run("ui/scripts/build.js", []);
  if (built !== 0) return built;
  const options = ["run", "--project", "browser", PARALLEL, ...process.argv.slice(2)];
  return run("node_modules/vitest/vitest.mjs", options, { CATALOG_TEST_BROWSER: "1" });
}

process.exitCode = main();
