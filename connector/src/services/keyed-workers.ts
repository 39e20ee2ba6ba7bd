import { Backoff, delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";

/** One turn of one thing: how long to rest afterwards at most, in ms; undefined when nothing is left to do. What it throws is tried again. */
export type Turn = (key: string) => Promise<number | undefined>;

/** The shortest time between two turns of the same thing, in ms: one that never settles must not spin. */
const SHORTEST_PAUSE_MS = 100;

/** The longest time between two attempts, in ms: most failures end for everything at once, when a server is back. */
const LONGEST_PAUSE_MS = 5_000;

interface Worker {
  isWoken: boolean;
  /** Whether its last turn failed. */
  isFailing: boolean;
  wake: () => void;
  readonly done: Promise<void>;
}

/**
 * One worker for each thing that is kept in order: it takes turns until nothing is left to do, rests between them, and is woken by what
 * happens. What fails is tried again with growing pauses, and at once when something else that failed succeeds again: what they failed of was
 * often the same. Nothing that happens to one thing delays another.
 */
export class KeyedWorkers {
  private readonly workers = new Map<string, Worker>();

  /**
   * @param what is kept in order, for the log.
   * @param newBackoff the pauses of one thing that fails.
   */
  constructor(
    private readonly what: string,
    private readonly turn: Turn,
    private readonly log: Logger,
    private readonly newBackoff: () => Backoff = () => new Backoff(1_000, LONGEST_PAUSE_MS),
  ) {}

  /** Has the thing looked at now, or once more after the turn that runs. Nothing happens after the signal has aborted. */
  wake(key: string, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = this.workers.get(key);
    if (known !== undefined) {
      known.isWoken = true;
      known.wake();
      return;
    }
    const worker: Worker = { isWoken: true, isFailing: false, wake: () => undefined, done: Promise.resolve() };
    this.workers.set(key, worker);
    Object.assign(worker, { done: this.work(key, worker, signal) });
  }

  /** Resolves when every worker has ended; they do once their signal has aborted. */
  async ended(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.done));
  }

  private async work(key: string, worker: Worker, signal: AbortSignal): Promise<void> {
    const backoff = this.newBackoff();
    while (!signal.aborted) {
      worker.isWoken = false;
      const pause = await this.take(key, worker, backoff);
      if (pause === undefined && !worker.isWoken) break;
      await delay(SHORTEST_PAUSE_MS, signal);
      await this.rest(worker, pause ?? 0, signal);
    }
    this.workers.delete(key);
  }

  private async take(key: string, worker: Worker, backoff: Backoff): Promise<number | undefined> {
    try {
      const pause = await this.turn(key);
      backoff.reset();
      if (worker.isFailing) this.recovered(worker);
      return pause;
    } catch (error) {
      worker.isFailing = true;
      this.log.info({ err: error, key }, `${this.what} is tried again`);
      return backoff.next();
    }
  }

  private recovered(worker: Worker): void {
    worker.isFailing = false;
    for (const other of this.workers.values())
      if (other.isFailing) {
        other.isWoken = true;
        other.wake();
      }
  }

  private async rest(worker: Worker, ms: number, signal: AbortSignal): Promise<void> {
    if (worker.isWoken || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      worker.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", worker.wake, { once: true });
    });
    signal.removeEventListener("abort", worker.wake);
  }
}

/** Resolves when the signal aborts, or at once if it has: there is no event for that any more. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
