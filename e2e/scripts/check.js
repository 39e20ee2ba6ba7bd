// npm run check: everything that can be said about the code without starting the system. Stops at the first failure.
// With --without-tests it leaves out the unit tests, for whoever has just run all tests.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const steps = [
  ["format", "prettier", "--check", "--log-level", "warn", "."],
  ["types", "tsc", "-b"],
  ["types of the pages", "svelte-check", "--tsconfig", "ui/tsconfig.json", "--fail-on-warnings"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  [
    "import rules",
    "depcruise",
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "err",
    "schema/src",
    "server/src",
    "broker/src",
    "connector/src",
    "e2e/src",
    "ui/src",
  ],
  ["unused code", "knip", "--no-progress"],
  ["emitted schemas and tables", "node", "e2e/scripts/regenerate.js", "--check"],
  ["charts", "node", "helm/scripts/generate.js", "--check"],
  ["unit tests", "vitest", "run", "--project", "unit", "--project", "ui"],
];

const wanted = process.argv.includes("--without-tests") ? steps.filter(([name]) => name !== "unit tests") : steps;
for (const [name, command, ...args] of wanted) {
  const started = performance.now();
  const { status } = spawnSync(command === "node" ? process.execPath : `node_modules/.bin/${command}`, args, {
    cwd: root,
    stdio: "inherit",
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)\n`);
  if (status !== 0) process.exit(1);
}
