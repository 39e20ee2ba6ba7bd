import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLineOf, identityOf, isStillRunning, signalProcess } from "../process/process-identity.js";

/** What a running PostgreSQL writes into `postmaster.pid` (miscadmin.h, LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataDirectory: string;
  readonly port: number;
  readonly isReady: boolean;
}

/** Reads `postmaster.pid`; undefined when there is none, or it is not yet written whole. */
export async function readPostmasterFile(dataDirectory: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(dataDirectory, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || lines[1] === undefined) return undefined;
  return { pid, dataDirectory: lines[1], port: Number(lines[3] ?? 0), isReady: lines[7]?.trim() === "ready" };
}

/** How long each way to stop a server may take before the next, rougher one, in ms. */
export interface StopBounds {
  readonly fastMs: number;
  readonly immediateMs: number;
}

export const STOP_BOUNDS: StopBounds = { fastMs: 6_000, immediateMs: 2_000 };

/**
 * Stops a postmaster: fast shutdown (SIGINT), then immediate (SIGQUIT: the next start recovers from the log), then SIGKILL.
 * Resolves when it is gone; the bounds add up to the longest wait.
 */
export async function stopPostmaster(pid: number, bounds: StopBounds = STOP_BOUNDS): Promise<void> {
  const identity = identityOf(pid);
  if (identity === undefined) return;
  const steps = [
    { signal: "SIGINT", waitMs: bounds.fastMs },
    { signal: "SIGQUIT", waitMs: bounds.immediateMs },
    { signal: "SIGKILL", waitMs: bounds.immediateMs },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!signalProcess(pid, signal)) return;
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline) {
      if (!isStillRunning(identity)) return;
      await sleep(20);
    }
  }
}

/** Asks a postmaster for a fast shutdown without waiting: all that a process can do while it exits. */
export function signalPostmasterNow(pid: number | undefined): void {
  if (pid !== undefined) signalProcess(pid, "SIGINT");
}

/** What was found in the place of a server that should not be running. */
export type Leftover = "none" | "stale-file" | "stopped-orphan";

/**
 * Makes a data directory free to be started from: stops the server that a killed parent left behind, and removes a
 * `postmaster.pid` whose process is no server of this directory (pids start anew in a container, and PostgreSQL would
 * take any process with that pid for its predecessor). Call it only as the owner of the directory.
 */
export async function clearLeftover(dataDirectory: string): Promise<Leftover> {
  const file = await readPostmasterFile(dataDirectory);
  if (file === undefined) return "none";
  if (isServerOf(file.pid, dataDirectory)) {
    await stopPostmaster(file.pid);
    return "stopped-orphan";
  }
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
  return "stale-file";
}

/** Whether that process is the server (not one of its backends) that was started on this data directory. */
function isServerOf(pid: number, dataDirectory: string): boolean {
  return `${commandLineOf(pid)} `.includes(`/postgres -D ${dataDirectory} `);
}
