// npm run test:cluster: builds the images, then tests charts and images on two real clusters. e2e/cluster/README.md says what it takes.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HelmMissingError, helmProgram } from "../helm/helm-tool.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Each names one cluster, or what brings an image there. */
const NEEDED = ["KUBECONFIG", "KUBECONFIG_2", "LOAD_IMAGE", "LOAD_IMAGE_2"] as const;

/** What is missing, in one line; undefined if nothing is. */
function missing(): string | undefined {
  const unset = NEEDED.filter((name) => (process.env[name] ?? "") === "");
  if (unset.length > 0) return `No clusters to test on: set ${unset.join(", ")} (see e2e/cluster/README.md).`;
  const absent = ["KUBECONFIG", "KUBECONFIG_2"].filter((name) => !existsSync(process.env[name] ?? ""));
  if (absent.length > 0) return `${absent.join(" and ")}: there is no such file.`;
  try {
    helmProgram();
  } catch (error) {
    if (!(error instanceof HelmMissingError)) throw error;
    return error.message;
  }
  return undefined;
}

function main(): number {
  const reason = missing();
  if (reason !== undefined) {
    process.stderr.write(`${reason}\n`);
    return 1;
  }
  const vitest = `${root}node_modules/vitest/vitest.mjs`;
  const { KUBECONFIG: first = "", KUBECONFIG_2: second = "" } = process.env;
  const { status } = spawnSync(process.execPath, [vitest, "run", "--project", "cluster", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, KUBECONFIG_PROVIDER: first, KUBECONFIG_CONSUMER: second, CATALOG_TEST_CLUSTER: "1" },
  });
  return status ?? 1;
}

process.exitCode = main();
