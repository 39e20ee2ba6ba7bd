import { delay } from "../backoff.js";
import type { Clock } from "../clock.js";
import type { SqlSeenProofs } from "./seen-proofs.js";

/** Keeps the table of used proofs small: once a minute it forgets those that cannot be used any more. */
export class PurgeSeenProofs {
  readonly name = "purge-seen-proofs";

  constructor(
    private readonly seen: SqlSeenProofs,
    private readonly clock: Clock,
    private readonly periodMs = 60_000,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.seen.purge(this.clock);
      await delay(this.periodMs, signal);
    }
  }
}
