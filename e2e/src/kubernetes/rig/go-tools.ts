import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODULE = fileURLToPath(new URL("../../../kubernetes/", import.meta.url));

/** What the rig runs, and the package each program is built from. */
const PROGRAMS = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
} as const;
export type Program = keyof typeof PROGRAMS;

/** A Kubernetes whose version is not set at build time calls itself v0.0.0, which clients refuse to believe. */
const LINK = [
  "-s -w",
  "-X k8s.io/component-base/version.gitVersion=v1.34.4",
  "-X k8s.io/component-base/version.gitMajor=1",
  "-X k8s.io/component-base/version.gitMinor=34",
].join(" ");

/** There are no programs to run a Kubernetes with; the message says in one line what would help. */
export class KubernetesUnavailableError extends Error {
  override readonly name = "KubernetesUnavailableError";
}

/**
 * The folder that holds etcd, kube-apiserver and kube-controller-manager: `KUBEBUILDER_ASSETS` if it is set, otherwise a cache that is
 * filled by Go the first time (up to 20 minutes) and reused as long as neither the module files nor Go's version change.
 *
 * @throws KubernetesUnavailableError where Go is missing or cannot build them.
 */
export function programFolder(env: NodeJS.ProcessEnv = process.env): string {
  const given = env["KUBEBUILDER_ASSETS"];
  if (given !== undefined && given !== "") {
    const missing = Object.keys(PROGRAMS).filter((name) => !existsSync(join(given, name)));
    if (missing.length > 0)
      throw new KubernetesUnavailableError(`KUBEBUILDER_ASSETS=${given} lacks ${missing.join(", ")}`);
    return given;
  }
  const go = spawnSync("go", ["version"], { encoding: "utf8", cwd: MODULE });
  if (go.error || go.status !== 0) {
    throw new KubernetesUnavailableError(
      "No Kubernetes to test on: install Go 1.25 or newer, or set KUBEBUILDER_ASSETS, or KUBECONFIG_PROVIDER and KUBECONFIG_CONSUMER.",
    );
  }
  const folder = join(cacheRoot(env), cacheKey(go.stdout));
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(PROGRAMS) as Program[]) {
    if (!existsSync(join(folder, name))) build(name, folder);
  }
  return folder;
}

function cacheRoot(env: NodeJS.ProcessEnv): string {
  const root = env["CATALOG_KUBE_CACHE"];
  if (root !== undefined && root !== "") return root;
  return join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "the-catalog", "kubernetes");
}

/** Other module files or another Go give another folder, so a half-old set of programs cannot be run. */
function cacheKey(goVersion: string): string {
  const hash = createHash("sha256").update(goVersion).update(LINK);
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(MODULE, file)));
  return hash.digest("hex").slice(0, 16);
}

function build(name: Program, folder: string): void {
  const unfinished = join(folder, `.${name}-${process.pid}`);
  process.stdout.write(`Building ${name} (once; minutes) …\n`);
  const { status } = spawnSync("go", ["build", "-trimpath", "-ldflags", LINK, "-o", unfinished, PROGRAMS[name]], {
    cwd: MODULE,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
  });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    throw new KubernetesUnavailableError(`Go could not build ${name}: see above.`);
  }
  renameSync(unfinished, join(folder, name));
}
