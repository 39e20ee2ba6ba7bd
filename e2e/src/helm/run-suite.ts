// npm run test:helm: finds or builds Helm and a Kubernetes API server, then tests the charts with them. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { KubernetesUnavailableError, programFolder } from "../kubernetes/rig/go-tools.js";
import { HelmMissingError, helmProgram } from "./helm-tool.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function main(): number {
  let tools: Readonly<Record<string, string>>;
  try {
    tools = { HELM: helmProgram(), KUBEBUILDER_ASSETS: programFolder() };
  } catch (error) {
    if (!(error instanceof HelmMissingError || error instanceof KubernetesUnavailableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const vitest = `${root}node_modules/vitest/vitest.mjs`;
  const { status } = spawnSync(process.execPath, [vitest, "run", "--project", "helm", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...tools, CATALOG_TEST_HELM: "1" },
  });
  return status ?? 1;
}

process.exitCode = main();
