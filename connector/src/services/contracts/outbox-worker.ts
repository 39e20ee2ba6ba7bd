import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { LedgerUnit, OutboxItem, OutboxKind, Transact } from "./ledger-ports.js";
import type { Changes } from "../ports.js";
import { repeat } from "../repeat.js";

/** What became of a piece of work: done, or to be looked at again at that time (Unix ms). A handler that throws is tried again later. */
export type WorkResult = { readonly isDone: true } | { readonly isDone: false; readonly againAt: number };

/** Does the work of each kind. Each may be called again for the same subject, also after it has succeeded. */
export type WorkHandlers = Readonly<Record<OutboxKind, (subject: string) => Promise<WorkResult>>>;

/** How much is done at the same time. */
const MAX_IN_FLIGHT = 32;
/** The longest sleep while nothing is due, in ms: a wake-up may be lost. */
const IDLE_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** Does what transactions have left to be done, and repeats it for ever until it is: 1 s, doubling to 60 s, with jitter. */
export class OutboxWorker implements Task {
  readonly name = "outbox";
  private readonly inFlight = new Map<string, Promise<void>>();
  private wake: () => void = () => undefined;

  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly handlers: WorkHandlers,
    private readonly changes: Changes,
    private readonly log: Logger,
    private readonly random: () => number = Math.random,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const stop = this.changes.on("outbox", () => this.wake());
    const aborted = (): void => this.wake();
    signal.addEventListener("abort", aborted);
    try {
      await repeat(signal, () => this.round(signal));
    } finally {
      stop();
      signal.removeEventListener("abort", aborted);
      await Promise.all(this.inFlight.values());
    }
  }

  /** Starts what is due, once, and waits for it. Returns when the next work is due (Unix ms), null if nothing waits. */
  async runOnce(): Promise<number | null> {
    const { items, nextAt } = await this.transact((unit) => unit.outbox.due(MAX_IN_FLIGHT));
    await Promise.all(items.map((item) => this.start(item)));
    return items.length > 0 ? 0 : nextAt;
  }

  private async round(signal: AbortSignal): Promise<void> {
    const isWoken = new Promise<void>((resolve) => (this.wake = resolve));
    const { now, due } = await this.transact(async (unit) => ({
      now: unit.now.getTime(),
      due: await unit.outbox.due(10 * MAX_IN_FLIGHT),
    }));
    for (const item of due.items) {
      if (this.inFlight.size >= MAX_IN_FLIGHT || signal.aborted) break;
      if (!this.inFlight.has(keyOf(item))) void this.start(item);
    }
    if (signal.aborted) return;
    const timer = setTimeout(() => this.wake(), Math.min(IDLE_MS, Math.max(1, (due.nextAt ?? Infinity) - now)));
    await isWoken;
    clearTimeout(timer);
  }

  private start(item: OutboxItem): Promise<void> {
    const key = keyOf(item);
    const work = this.work(item).finally(() => {
      this.inFlight.delete(key);
      this.wake();
    });
    this.inFlight.set(key, work);
    return work;
  }

  private async work(item: OutboxItem): Promise<void> {
    try {
      const result = await this.handlers[item.kind](item.subject);
      await this.transact((unit) =>
        result.isDone ? unit.outbox.done(item) : unit.outbox.postpone(item, result.againAt, 0),
      );
    } catch (error) {
      this.log.info(
        { err: error, kind: item.kind, subject: item.subject, attempts: item.attempts },
        "work is tried again later",
      );
      await this.transact((unit) =>
        unit.outbox.postpone(item, unit.now.getTime() + this.retryMs(item.attempts), item.attempts + 1),
      ).catch((cause: unknown) => this.log.warn({ err: cause }, "the retry could not be recorded"));
    }
  }

  private retryMs(attempts: number): number {
    const bound = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10));
    return Math.ceil(bound * (0.5 + this.random() / 2));
  }
}

function keyOf(item: OutboxItem): string {
  return `${item.kind} ${item.subject}`;
}
