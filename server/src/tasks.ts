import { setMaxListeners } from "node:events";
import type { Logger } from "pino";
import { Backoff, delay } from "./backoff.js";

/** Work in the background that runs until it is told to stop. */
export interface Task {
  readonly name: string;
  /** Runs until the signal is aborted, then resolves soon. Resolving earlier means that the work is done for good. */
  run(signal: AbortSignal): Promise<void>;
}

/** A run of a task that lasted this long, in ms, counts as a success: the next failure waits shortly again. */
const STEADY_MS = 60_000;

/** The background work of a process: starts tasks, starts those again that throw, stops all. */
export class TaskGroup {
  private readonly stopping = new AbortController();
  private readonly running = new Map<Task, Promise<void>>();

  constructor(private readonly log: Logger) {
    // As many tasks as there are wait for it; Node would take more than ten for a leak.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Starts a task. One that throws is logged and started again after a pause (1 s → 60 s, full jitter). */
  start(task: Task): void {
    if (this.stopping.signal.aborted || this.running.has(task)) return;
    const run = this.keepRunning(task).finally(() => this.running.delete(task));
    this.running.set(task, run);
  }

  /** Tells every task to stop and resolves when all have. Repeatable. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running.values());
  }

  private async keepRunning(task: Task): Promise<void> {
    const { signal } = this.stopping;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        return await task.run(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - startedAt >= STEADY_MS) backoff.reset();
        this.log.error({ err: error, task: task.name }, "a background task failed; it is started again");
      }
      await delay(backoff.next(), signal);
    }
  }
}

/**
 * Makes a task of a step that is repeated every `periodMs` (± `jitter`, a share of the period), for ever; a step that
 * throws is logged and repeated at the next period.
 */
export function periodicTask(
  name: string,
  periodMs: number,
  step: (signal: AbortSignal) => Promise<void>,
  { log, jitter = 0 }: { log: Logger; jitter?: number },
): Task {
  return {
    name,
    run: async (signal) => {
      while (!signal.aborted) {
        await step(signal).catch((error: unknown) => {
          if (!signal.aborted) log.warn({ err: error, task: name }, "a step in the background failed; it is repeated");
        });
        await delay(periodMs * (1 + jitter * (2 * Math.random() - 1)), signal);
      }
    },
  };
}
