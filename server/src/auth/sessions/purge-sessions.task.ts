import { delay } from "../../backoff.js";
import { unixSeconds, type Clock } from "../../clock.js";
import type { SqlSessions } from "./sql-sessions.js";

/** Keeps the table of sessions small: every ten minutes it forgets those that have expired. */
export class PurgeSessions {
  readonly name = "purge-sessions";

  constructor(
    private readonly sessions: SqlSessions,
    private readonly clock: Clock,
    private readonly periodMs = 600_000,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.sessions.purge(unixSeconds(this.clock.now()));
      await delay(this.periodMs, signal);
    }
  }
}
