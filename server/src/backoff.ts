import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waiting times between attempts: exponential with full jitter, so that many clients of one server do not come back
 * together. Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export class Backoff {
  private attempt = 0;

  /**
   * @param firstMs upper bound of the first wait.
   * @param maxMs upper bound of every wait.
   * @param random uniform in [0, 1).
   */
  constructor(
    private readonly firstMs = 1_000,
    private readonly maxMs = 60_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next wait in ms: uniform between 0 and a bound that doubles with every call. */
  next(): number {
    const bound = Math.min(this.maxMs, this.firstMs * 2 ** Math.min(this.attempt++, 40));
    return Math.floor(this.random() * bound);
  }

  /** To be called after any success: the next wait is short again. */
  reset(): void {
    this.attempt = 0;
  }
}

/** Waits `ms`; ends early, without an error, when the signal is aborted. */
export async function delay(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
}
