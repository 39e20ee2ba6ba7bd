import { constants } from "node:fs";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { randomId } from "../random.js";

/** A secret file that others than its owner may touch. */
export class PrivateFileExposedError extends Error {
  constructor(file: string, mode: number) {
    super(
      `${file} has mode ${(mode & 0o777).toString(8).padStart(4, "0")}: others than its owner may use it. Take it as known to them, or, if nobody could have read it, run: chmod 600 ${file}`,
    );
    this.name = "PrivateFileExposedError";
  }
}

/** The file's text; undefined if there is none. Throws {@link PrivateFileExposedError} unless only the owner has access. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) throw new PrivateFileExposedError(file, mode);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** Writes a file that does not exist yet, mode 0600, whole or not at all; leaves an existing one as it is. */
export async function createPrivateFile(file: string, text: string): Promise<void> {
  await writeThen(file, text, async (temporary) => {
    try {
      await link(temporary, file); // Unlike rename, link fails where another process has been first.
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return;
      if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
      await rename(temporary, file); // File systems without hard links.
    }
  });
}

/** Writes or replaces a file, mode 0600, whole or not at all, also across a crash. */
export async function replacePrivateFile(file: string, text: string): Promise<void> {
  await writeThen(file, text, (temporary) => rename(temporary, file));
}

async function writeThen(file: string, text: string, place: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomId(6)}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary);
    await syncDirectory(dirname(file));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
