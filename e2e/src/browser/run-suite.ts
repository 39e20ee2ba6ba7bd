// npm run test:browser: builds the UIs where they are missing or older than their sources, finds a Chromium, then runs the tests in it. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildUi, UiBuildError } from "./harness/build.js";
import { ChromiumMissingError, findChromium } from "./harness/chromium.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function main(): number {
  try {
    findChromium();
    buildUi(root);
  } catch (error) {
    if (!(error instanceof ChromiumMissingError) && !(error instanceof UiBuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const vitest = `${root}node_modules/vitest/vitest.mjs`;
  const options = ["run", "--project", "browser", "--maxWorkers=2", ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [vitest, ...options], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CATALOG_TEST_BROWSER: "1" },
  });
  return status ?? 1;
}

process.exitCode = main();
