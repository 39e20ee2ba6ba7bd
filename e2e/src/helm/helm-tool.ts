import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Built where there is none. */
const MODULE = "helm.sh/helm/v3/cmd/helm@v3.22.0";

/** There is no Helm to test with; the message says in one line what would help. */
export class HelmMissingError extends Error {
  override readonly name = "HelmMissingError";
}

/**
 * The program `helm`: that of `HELM`, of `KUBEBUILDER_ASSETS` or of PATH, otherwise one that Go builds once (minutes) and a cache keeps.
 *
 * @throws HelmMissingError where there is neither Helm 3 nor Go.
 */
export function helmProgram(env: NodeJS.ProcessEnv = process.env): string {
  const given = env["HELM"];
  if (given !== undefined && given !== "") {
    if (!isHelm3(given)) throw new HelmMissingError(`HELM=${given} is no Helm 3.`);
    return given;
  }
  const cache = join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "the-catalog", "helm");
  const folders = [env["KUBEBUILDER_ASSETS"] ?? "", ...(env["PATH"] ?? "").split(delimiter), cache];
  const found = folders.filter((folder) => folder !== "").map((folder) => join(folder, "helm"));
  const usable = found.find((program) => existsSync(program) && isHelm3(program));
  return usable ?? build(cache);
}

function isHelm3(program: string): boolean {
  const { stdout } = spawnSync(program, ["version", "--template", "{{.Version}}"], { encoding: "utf8" });
  return (stdout ?? "").startsWith("v3.");
}

function build(folder: string): string {
  if (spawnSync("go", ["version"]).status !== 0)
    throw new HelmMissingError("No Helm to test the charts with: install Helm 3, or Go 1.25 or newer to build it.");
  mkdirSync(folder, { recursive: true });
  process.stdout.write("Building Helm (once; minutes) …\n");
  const env = { ...process.env, GOBIN: folder, CGO_ENABLED: "0", GOWORK: "off" };
  const { status } = spawnSync("go", ["install", "-trimpath", "-ldflags", "-s -w", MODULE], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  if (status !== 0) throw new HelmMissingError("Go could not build Helm: see above.");
  return join(folder, "helm");
}
