import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The UIs could not be built; what the build said stands above. */
export class UiBuildError extends Error {
  override readonly name = "UiBuildError";
}

const APPS = ["connector", "broker", "playground"];

/** Builds `ui/` where an app is missing in its `dist` or older than a source. Throws {@link UiBuildError}. */
export function buildUi(root: string): void {
  const built = Math.min(...APPS.map((app) => changedAt(join(root, "ui/dist", app, "index.html"))));
  if (built > newest(join(root, "ui"))) return;
  const { status } = spawnSync("npm", ["run", "build", "--workspace", "ui"], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new UiBuildError("The UIs were not built: npm run build --workspace ui");
}

/** When the file was written, ms; -Infinity if there is none. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
}

/** When the newest source below `folder` was written, ms. */
function newest(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) => name !== "node_modules" && name !== "dist",
  );
  return Math.max(
    -Infinity,
    ...entries.map((entry) =>
      entry.isDirectory() ? newest(join(folder, entry.name)) : changedAt(join(folder, entry.name)),
    ),
  );
}
