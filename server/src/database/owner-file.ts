import { link, readFile, rm, writeFile } from "node:fs/promises";
import { identityOf, isStillRunning, type ProcessIdentity } from "../process/process-identity.js";

/** Another running process uses this data directory. */
export class DataDirectoryInUseError extends Error {
  readonly code = "DATA_DIRECTORY_IN_USE";
  override readonly name = "DataDirectoryInUseError";

  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(
      `The data directory ${directory} is in use by process ${pid}. Stop that process, or choose another DATA_DIR.`,
    );
  }
}

/**
 * Claims a directory for this process by a file that names it. A claim whose process is gone is taken over.
 * @returns a function that gives the claim back.
 * @throws DataDirectoryInUseError while the process that claimed it runs.
 */
export async function claimDirectory(directory: string, path: string): Promise<() => Promise<void>> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  try {
    while (!(await linked(draft, path))) {
      const owner = await readOwner(path);
      if (owner !== undefined && isStillRunning(owner)) throw new DataDirectoryInUseError(directory, owner.pid);
      await rm(path, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(path, { force: true });
}

// A link appears whole or not at all, so nobody ever reads half a claim.
function linked(draft: string, path: string): Promise<boolean> {
  return link(draft, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}

/** The process named in a claim; undefined when the file is missing or was cut off by a crash. */
export async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const owner = JSON.parse(await readFile(path, "utf8")) as ProcessIdentity;
    return typeof owner.pid === "number" && typeof owner.startedAt === "string" ? owner : undefined;
  } catch {
    return undefined;
  }
}
