import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";

import type { Compaction } from "./catalog-ports.js";

/** Lets the catalog forget what nobody can ask for any more. Several processes may do so at once. */
export class CompactionService implements Task {
  readonly name = "compaction";

  constructor(
    private readonly compaction: Compaction,
    private readonly periodMs: number,
    private readonly log: Logger,
  ) {}

  /** Compacts now and then until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.compactAll(signal);
      } catch (error) {
        this.log.warn({ err: error }, "old changes could not be forgotten now");
      }
      await delay(this.periodMs, signal);
    }
  }

  /** Forgets everything that can be forgotten now, in short transactions. */
  async compactAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.compaction.compact()));
  }
}
