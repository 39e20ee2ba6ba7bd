import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** How one server of a federation is started. */
export interface ServerProcessOptions {
  /** Shown in messages and used as the log file's name. */
  readonly name: string;
  /** The built entry file, e.g. `broker/dist/main.js`. */
  readonly script: string;
  /** The whole environment of the child besides PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Resolves true once the server answers and has proved to be this child and no other program on its port. */
  readonly isReady: () => Promise<boolean>;
}

/** The server ended before it was ready, or was not ready in time. */
export class ServerStartError extends Error {
  override readonly name = "ServerStartError";
}

/**
 * One Broker or Connector as a child process, in a process group of its own, so that a Ctrl-C in the terminal reaches
 * only the parent, which then stops its children in order. The child ends by itself when the parent is gone.
 */
export class ServerProcess {
  #child: ChildProcess | undefined;
  #log: WriteStream | undefined;
  #isStopping = false;
  #tail = "";

  constructor(readonly options: ServerProcessOptions) {}

  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the process and waits until it is ready, at most `timeoutMs`. Throws {@link ServerStartError}. */
  async start(timeoutMs = 40_000): Promise<void> {
    this.spawn();
    await this.ready(timeoutMs);
  }

  /** Starts the process without waiting. */
  spawn(): void {
    if (this.isRunning) throw new ServerStartError(`${this.options.name} is already running`);
    this.#isStopping = false;
    const log = createWriteStream(this.options.logFile, { flags: "a" });
    const child = spawn(process.execPath, [this.options.script], {
      detached: true,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...this.options.env },
      // The IPC channel carries no messages: its end tells the child that the parent is gone.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const keep = (chunk: Buffer): void => {
      log.write(chunk);
      this.#tail = (this.#tail + chunk.toString()).slice(-4_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.once("exit", () => log.end());
    this.#child = child;
    this.#log = log;
  }

  /** Waits until the running process is ready. Throws {@link ServerStartError}, with the end of its log. */
  async ready(timeoutMs = 40_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (!this.isRunning) throw new ServerStartError(`${this.options.name} ended while starting:\n${this.#tail}`);
      if (await this.options.isReady().catch(() => false)) return;
      await delay(100);
    }
    throw new ServerStartError(`${this.options.name} was not ready within ${timeoutMs} ms:\n${this.#tail}`);
  }

  /** Runs `listener` when the process ends without having been asked to by {@link stop} or {@link kill}. */
  onCrash(listener: (cause: string) => void): void {
    this.#child?.once("exit", (code, signal) => {
      if (!this.#isStopping) listener(signal ?? `exit code ${code}`);
    });
  }

  /** Asks the process to end (SIGTERM) and kills it when it has not within `graceMs`. */
  async stop(graceMs = 8_000): Promise<void> {
    await this.#end("SIGTERM", graceMs);
  }

  /** Kills the process as a power cut would (SIGKILL). */
  async kill(): Promise<void> {
    await this.#end("SIGKILL", 5_000);
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    const child = this.#child;
    if (!child || !this.isRunning) return;
    this.#isStopping = true;
    const exited = once(child, "exit");
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await exited;
    clearTimeout(timer);
    this.#log?.end();
  }
}
