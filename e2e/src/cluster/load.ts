import { setTimeout as pause } from "node:timers/promises";

/** How long one request is tried again before it counts as failed, in ms: longer than a pod may take to be replaced. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 300;

/** What came of a load. */
export interface LoadOutcome {
  readonly answered: number;
  /** Attempts that failed and were repeated. */
  readonly repeated: number;
  /** Why requests failed for good. */
  readonly failures: readonly string[];
}

/** Repeats what fails until it works. @throws what it failed with last. */
export async function persistently<T>(work: () => Promise<T>, onRepeat: () => void = () => undefined): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      onRepeat();
      await pause(PAUSE_MS);
    }
  }
}

/** Asks one thing after another until it is stopped. */
export class Load {
  #isStopped = false;
  #answered = 0;
  #repeated = 0;
  readonly #failures: string[] = [];
  readonly #running: Promise<void>;

  constructor(private readonly ask: (n: number) => Promise<unknown>) {
    this.#running = this.#run();
  }

  get answered(): number {
    return this.#answered;
  }

  async stop(): Promise<LoadOutcome> {
    this.#isStopped = true;
    await this.#running;
    return { answered: this.#answered, repeated: this.#repeated, failures: this.#failures };
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#isStopped; n += 1) {
      try {
        await persistently(
          () => this.ask(n),
          () => (this.#repeated += 1),
        );
        this.#answered += 1;
      } catch (error) {
        this.#failures.push(String(error));
      }
      await pause(PAUSE_MS);
    }
  }
}
