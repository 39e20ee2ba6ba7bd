// npm run test:kube: finds or builds a Kubernetes, then runs the tests on it. Arguments go to vitest, such as the name of a file.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { KubernetesUnavailableError, programFolder } from "./rig/go-tools.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The variables that tell the tests where their Kubernetes comes from. */
function source(): Record<string, string> {
  const { KUBECONFIG_PROVIDER: provider, KUBECONFIG_CONSUMER: consumer } = process.env;
  if ((provider === undefined) !== (consumer === undefined)) {
    throw new KubernetesUnavailableError("Set both KUBECONFIG_PROVIDER and KUBECONFIG_CONSUMER, or neither.");
  }
  return provider === undefined ? { KUBEBUILDER_ASSETS: programFolder() } : {};
}

function main(): number {
  let env: Record<string, string>;
  try {
    env = source();
  } catch (error) {
    if (!(error instanceof KubernetesUnavailableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const vitest = `${root}node_modules/vitest/vitest.mjs`;
  const { status } = spawnSync(process.execPath, [vitest, "run", "--project", "kube", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env, CATALOG_TEST_KUBE: "1" },
  });
  return status ?? 1;
}

process.exitCode = main();
