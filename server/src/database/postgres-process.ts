import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Logger } from "pino";
import { Backoff, delay } from "../backoff.js";
import { readPostmasterFile, signalPostmasterNow, stopPostmaster } from "./postmaster-file.js";
import type { Launch } from "./server-account.js";

/** The server ended, or did not become ready; the message carries what it wrote last. */
export class PostgresStartError extends Error {
  readonly code = "POSTGRES_START_FAILED";
  override readonly name = "PostgresStartError";
}

/** How long a server may take to become ready, recovery after a crash included, in ms. */
const START_LIMIT_MS = 120_000;

/** One PostgreSQL server as a child of this process: starts it, starts it again when it dies, stops it. */
export class PostgresProcess {
  private child: ChildProcess | undefined;
  private readonly stopping = new AbortController();
  private supervision: Promise<void> = Promise.resolve();
  private lastLines: string[] = [];
  private readonly onExit = () => signalPostmasterNow(this.child?.pid);

  constructor(
    private readonly launch: Launch,
    private readonly dataDirectory: string,
    private readonly log: Logger,
  ) {}

  /** The pid of the running postmaster. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Resolves when the server accepts connections.
   * @throws PostgresStartError when it ends first.
   */
  async start(): Promise<void> {
    await this.startOnce();
    process.once("exit", this.onExit);
    this.supervision = this.supervise();
  }

  /** Fast shutdown, then rougher; resolves when the server is gone. Repeatable. */
  async stop(): Promise<void> {
    this.stopping.abort();
    process.removeListener("exit", this.onExit);
    if (this.child?.pid !== undefined) await stopPostmaster(this.child.pid);
    await this.supervision;
  }

  private async supervise(): Promise<void> {
    const backoff = new Backoff(200, 5_000);
    while (!this.stopping.signal.aborted) {
      await ended(this.child);
      if (this.stopping.signal.aborted) return;
      this.log.error({ lastLines: this.lastLines }, "the embedded PostgreSQL ended by itself; it is started again");
      await delay(backoff.next(), this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      await this.startOnce().then(
        () => {
          backoff.reset();
          this.log.info({ postmaster: this.pid }, "the embedded PostgreSQL runs again");
        },
        (error: Error) => this.log.error({ err: error }, "the embedded PostgreSQL could not be started again yet"),
      );
    }
  }

  private async startOnce(): Promise<void> {
    const child = this.spawnServer();
    const deadline = performance.now() + START_LIMIT_MS;
    while (performance.now() < deadline) {
      if (hasEnded(child)) break;
      const file = await readPostmasterFile(this.dataDirectory);
      if (file?.pid === child.pid && file?.isReady) return;
      await delay(20);
    }
    if (child.pid !== undefined) await stopPostmaster(child.pid);
    throw new PostgresStartError(`PostgreSQL did not start: ${this.lastLines.join(" | ") || "it wrote nothing"}`);
  }

  private spawnServer(): ChildProcess {
    const { command, args, account } = this.launch;
    this.lastLines = [];
    // A process group of its own: Ctrl-C in a terminal reaches us alone, and we stop the server when its clients are done.
    const child = spawn(command, args, {
      cwd: "/",
      detached: true,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "ignore", "pipe"],
      ...account,
    });
    child.once("error", (error) => this.lastLines.push(error.message));
    child.unref(); // a program that forgets to stop its server can still end; the exit hook then stops the server
    createInterface({ input: child.stderr }).on("line", (line) => this.note(line));
    this.child = child;
    return child;
  }

  private note(line: string): void {
    this.lastLines = [...this.lastLines.slice(-9), line];
    if (/ (PANIC|FATAL): /.test(line)) this.log.warn({ postgres: line }, "PostgreSQL reports");
    else this.log.debug({ postgres: line }, "PostgreSQL reports");
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || hasEnded(child)) return;
  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
}
