import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { once } from "node:events";

/** Becomes the program, and kills it when descriptor 3 is closed: that is what is left of a parent that was killed itself. */
const GUARDED = '(cat <&3 >/dev/null; kill -9 $$) & exec "$@" 3<&-';

/**
 * One program of a control plane. It is started in a process group of its own, so that Ctrl-C reaches only the tests, which then end it; when
 * the tests end without having done so, it is killed with them.
 */
export class Child {
  #process: ChildProcess | undefined;

  constructor(
    readonly name: string,
    private readonly command: string,
    private readonly args: readonly string[],
    private readonly logFile: string,
  ) {}

  get pid(): number | undefined {
    return this.isRunning ? this.#process?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  start(): void {
    if (this.isRunning) throw new Error(`${this.name} runs already`);
    const log = openSync(this.logFile, "a");
    const child = spawn("sh", ["-c", GUARDED, "sh", this.command, ...this.args], {
      stdio: ["ignore", log, log, "pipe"],
      detached: true,
    });
    closeSync(log);
    this.#process = child;
    child.once("exit", () => endGroup(child));
    child.once("error", () => undefined); // a program that cannot be started shows itself by never becoming ready
  }

  /** Ends it with SIGTERM, and with SIGKILL if it takes longer than `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    await this.#end("SIGTERM", graceMs);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL", 5_000);
  }

  /** The last lines of its log, for messages. */
  async tail(lines = 15): Promise<string> {
    const text = await readFile(this.logFile, "utf8").catch(() => "");
    return text.trimEnd().split("\n").slice(-lines).join("\n");
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    const child = this.#process;
    if (!child || !this.isRunning) return;
    const exited = once(child, "exit");
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await exited;
    clearTimeout(timer);
  }
}

/** Ends the guard of a program that is over, before its descriptor closes: the number of the program may be another's by then. */
function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
