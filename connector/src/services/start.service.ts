import type { ProbeReport } from "@catalog/server/ops/ops-listener";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import { IdentityMismatchError } from "./cluster/cluster.service.js";

/** A step of the start; repeated after a failure, so it must not mind that. */
export type StartStep = () => Promise<void>;

/** Brings a Connector into service once its database is there, and says how far that has come. */
export class StartService {
  private isStarted = false;
  private isDraining = false;
  private isDatabaseThere: () => boolean = () => false;

  /** Rejects with what no repetition mends. */
  readonly impossible: Promise<never>;
  private refuse: (reason: Error) => void = () => undefined;

  constructor(private readonly log: Logger) {
    this.impossible = new Promise((_, reject) => (this.refuse = reject));
    // Whoever starts the process minds it.
    this.impossible.catch(() => undefined);
  }

  /** @param isDatabaseThere whether the database answers now. */
  watch(isDatabaseThere: () => boolean): void {
    this.isDatabaseThere = isDatabaseThere;
  }

  /** Goes through the steps in their order; one that failed is repeated, those before it are not. A database of another identity ends it. */
  task(steps: readonly StartStep[]): Task {
    let done = 0;
    return {
      name: "start",
      run: async (signal) => {
        for (const step of steps.slice(done)) {
          if (signal.aborted) return;
          try {
            await step();
          } catch (error) {
            if (!(error instanceof IdentityMismatchError)) throw error;
            this.refuse(error);
            return;
          }
          done += 1;
        }
        this.isStarted = true;
        this.log.info("in service");
      },
    };
  }

  /** From now on requests are to be sent elsewhere; those that come are still served. */
  drain(): void {
    this.isDraining = true;
  }

  /** Ready: started, not about to leave, and the database answers. */
  report(): ProbeReport {
    const database = this.isDatabaseThere();
    const start = this.isDraining ? "draining" : this.isStarted ? "done" : "waiting";
    return { ok: start === "done" && database, checks: { start, database: database ? "answers" : "away" } };
  }
}
