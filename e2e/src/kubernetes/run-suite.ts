// npm run test:kube: finds or builds a Kubernetes, then runs the tests on it; with --all, those that take long too. Other arguments go to vitest,
// such as the name of a file.
import { spawnSync } from "node:child_process";
import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { KubernetesUnavailableError, programFolder } from "./rig/go-tools.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const ALL = "--all";

/** More files at once than a small machine has cores: they mostly wait. Each takes about 2 GB with its two clusters and its servers. */
const PARALLEL = `--maxWorkers=${Math.max(1, Math.min(4, Math.floor(totalmem() / 2.5e9)))}`;

/** Where the tests get their Kubernetes from, and how many of them may run at once: given clusters are shared by all. */
function source(): { env: Record<string, string>; workers: string } {
  const { KUBECONFIG_PROVIDER: provider, KUBECONFIG_CONSUMER: consumer } = process.env;
  if ((provider === undefined) !== (consumer === undefined)) {
    throw new KubernetesUnavailableError("Set both KUBECONFIG_PROVIDER and KUBECONFIG_CONSUMER, or neither.");
  }
  if (provider !== undefined) return { env: {}, workers: "--no-file-parallelism" };
  return { env: { KUBEBUILDER_ASSETS: programFolder() }, workers: PARALLEL };
}

function main(): number {
  let given: ReturnType<typeof source>;
  try {
    given = source();
  } catch (error) {
    if (!(error instanceof KubernetesUnavailableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const vitest = `${root}node_modules/vitest/vitest.mjs`;
  const wished = process.argv.slice(2).filter((argument) => argument !== ALL);
  const isNamed = wished.some((argument) => !argument.startsWith("-"));
  const extent = isNamed || process.argv.includes(ALL) ? "all" : "core";
  const workers = wished.some((argument) => argument.startsWith("--maxWorkers")) ? [] : [given.workers];
  const options = ["run", "--project", "kube", ...workers, ...wished];
  const { status } = spawnSync(process.execPath, [vitest, ...options], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...given.env, CATALOG_TEST_KUBE: extent },
  });
  return status ?? 1;
}

process.exitCode = main();
