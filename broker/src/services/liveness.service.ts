import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";

import type { Sessions } from "./catalog-ports.js";

/** Knows which members are connected, and lets clusters grow stale that are not. The session is the lease. */
export class LivenessService implements Task {
  readonly name = "liveness";
  private readonly open = new Map<string, string>();

  constructor(
    private readonly sessions: Sessions,
    private readonly renewMs: number,
    private readonly log: Logger,
  ) {}

  /** A member's socket has been acknowledged. What cannot be stored now is stored at the next renewal. */
  async opened(fingerprint: string, session: string): Promise<void> {
    this.open.set(session, fingerprint);
    await this.attempt("a session could not be stored yet", () => this.sessions.open(session, fingerprint));
  }

  /** A member's socket has closed. */
  async closed(session: string): Promise<void> {
    if (this.open.delete(session))
      await this.attempt("the end of a session could not be stored yet", () => this.sessions.close(session));
  }

  /** Renews and sweeps until the signal is aborted, then ends this process's sessions. */
  async run(signal: AbortSignal): Promise<void> {
    await this.attempt("sessions could not be renewed", () => this.sessions.renew(this.open));
    while (!signal.aborted) {
      await delay(this.renewMs, signal);
      // The second renewal finds out whether other processes were alive all the time; nobody is judged before that.
      if (!signal.aborted) await this.attempt("sessions could not be renewed", () => this.step());
    }
    await this.attempt("sessions could not be ended", () => this.sessions.end());
  }

  private async step(): Promise<void> {
    await this.sessions.renew(this.open);
    await this.sessions.sweep();
  }

  private async attempt(failure: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.warn({ err: error }, failure);
    }
  }
}
