// npm run test:compat [-- COMMIT]: an earlier release beside this one. Without a commit, the newest tag v* of the checkout.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs a command with this process's output. Throws where it fails. */
function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit", env });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${String(status)}`);
}

function newestRelease(): string | undefined {
  const { stdout } = spawnSync("git", ["tag", "--list", "v*", "--sort=-version:refname"], {
    cwd: root,
    encoding: "utf8",
  });
  return stdout?.split("\n").find((line) => line !== "");
}

function main(): number {
  const commit = process.argv[2] ?? newestRelease();
  if (commit === undefined) {
    process.stdout.write(
      "test:compat: there is no earlier release (no tag v*) to run beside this one; a commit can be named\n",
    );
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), "catalog-previous-"));
  try {
    run("git", ["clone", "--quiet", "--no-checkout", root, folder], root);
    run("git", ["checkout", "--quiet", commit], folder);
    run("npm", ["ci", "--no-audit", "--no-fund"], folder);
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    run(process.execPath, [vitest, "run", "--project", "compat"], root, {
      ...process.env,
      CATALOG_TEST_COMPAT: folder,
    });
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main();
