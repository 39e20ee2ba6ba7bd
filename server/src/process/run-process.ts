import type { Logger } from "pino";
import { ConfigInvalidError } from "../config.js";

/** A started program. */
export interface RunningProgram {
  /** Ends everything that was started; called once. */
  stop(): Promise<void>;
  /** How long that may take, in ms, where it is more than usual. */
  readonly stopLimitMs?: number;
}

export interface RunProcessOptions {
  readonly log?: Logger;
  /** How long stopping may take before the process ends anyway, in ms. */
  readonly stopLimitMs?: number;
}

export const EXIT_FAILURE = 1;
/** sysexits.h, EX_CONFIG. */
export const EXIT_CONFIG = 78;
const DEFAULT_STOP_LIMIT_MS = 9_000;

/**
 * Runs a program until SIGTERM or SIGINT, or until the end of the IPC channel that its parent may have opened, then stops it and ends the process: 0 after an orderly end, 78 for a
 * configuration that is not usable, 1 for anything else. A signal during the start lets the start end first; further signals
 * change nothing. An uncaught exception is logged and stops the program; a rejection that nobody handles is logged only.
 * @param start its signal is aborted when the process is asked to stop.
 */
export async function runProcess(
  start: (signal: AbortSignal) => Promise<RunningProgram>,
  { log, stopLimitMs = DEFAULT_STOP_LIMIT_MS }: RunProcessOptions = {},
): Promise<void> {
  const stopping = new AbortController();
  let exitCode = 0;
  let limitMs = stopLimitMs;
  const stopRequested = new Promise<void>((resolve) => {
    const request = (reason: string, code: number, error?: unknown) => {
      if (error === undefined) log?.info({ reason }, "stopping");
      else report(log, error, reason);
      exitCode ||= code;
      if (stopping.signal.aborted) return;
      stopping.abort();
      setTimeout(() => process.exit(exitCode || EXIT_FAILURE), limitMs).unref();
      resolve();
    };
    process.on("SIGTERM", (signal) => request(signal, 0));
    process.on("SIGINT", (signal) => request(signal, 0));
    process.on("disconnect", () => request("the parent process is gone", 0));
    process.on("uncaughtException", (error) => request("uncaught exception", EXIT_FAILURE, error));
    process.on("unhandledRejection", (error) => report(log, error, "unhandled rejection"));
  });
  try {
    const program = await start(stopping.signal);
    limitMs = Math.max(stopLimitMs, program.stopLimitMs ?? 0);
    await stopRequested;
    await program.stop();
  } catch (error) {
    report(log, error, stopping.signal.aborted ? "stopping failed" : "the start failed");
    exitCode ||= error instanceof ConfigInvalidError ? EXIT_CONFIG : EXIT_FAILURE;
  }
  process.exit(exitCode);
}

/** A wrong configuration is for a person at a terminal; everything else goes to the log, if there is one yet. */
function report(log: Logger | undefined, error: unknown, what: string): void {
  if (error instanceof ConfigInvalidError) process.stderr.write(`${error.message}\n`);
  else if (log !== undefined) log.fatal({ err: error }, what);
  else process.stderr.write(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
