import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const LINUX = process.platform === "linux";

/** What identifies one run of a process: pids are reused, pid and start time together are not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time of the process; opaque, compared for equality only. */
  readonly startedAt: string;
}

/** The identity of a running process; undefined when there is none with that pid, or only its zombie. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = LINUX ? startOnLinux(pid) : textOf("ps", ["-o", "lstart=", "-p", String(pid)]);
  return startedAt ? { pid, startedAt } : undefined;
}

/** Whether that very process still runs (not merely another one that got its pid). */
export function isStillRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** The command line of a running process as one string with spaces; empty when it is gone or may not be read. */
export function commandLineOf(pid: number): string {
  if (!LINUX) return textOf("ps", ["-o", "args=", "-p", String(pid)]);
  return contentOf(`/proc/${pid}/cmdline`).split("\0").join(" ").trim();
}

/** Sends a signal; false when that process is already gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

// Fields of /proc/<pid>/stat as in proc(5); the command in parentheses may itself hold spaces and parentheses.
function startOnLinux(pid: number): string | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTicks = rest[18];
  if (startTicks === undefined || state === "Z" || state === "X") return undefined;
  return `${contentOf("/proc/sys/kernel/random/boot_id").trim()}:${startTicks}`;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process ended, or /proc hides it: both mean that nothing is known of it
  }
}

function textOf(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return ""; // ps exits 1 for a pid that does not exist
  }
}
