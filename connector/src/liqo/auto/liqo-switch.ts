import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import { type Task, TaskGroup } from "@catalog/server/tasks";
import { KubeError } from "../kube/kube.errors.js";
import type { FoundLiqo } from "./detect-liqo.js";

/** How often Liqo is looked for while there is none, in ms. */
const LOOK_FOR_MS = 2_000;

/** Whatever drives the Liqo that is there. */
export interface Driven {
  readonly tasks: readonly Task[];
}

/** The Liqo that is there now, for those who use it. */
export interface LiqoHere<T> {
  /** Undefined while there is none. */
  readonly found: T | undefined;
  /** @throws CatalogError UNAVAILABLE while there is none, KubeError. */
  get(): Promise<T>;
  /** Uses each Liqo that is there, one after the other: the signal of one aborts when another takes its place. Ends with `signal`. */
  follow(use: (liqo: T, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

interface Current<T> {
  readonly found: FoundLiqo;
  readonly liqo: T;
  /** Aborts when another Liqo takes its place. */
  readonly over: AbortController;
}

/**
 * Drives whichever Liqo is installed: looks again and again, and takes another driver when Liqo was installed later, anew under another id,
 * in another generation, or removed. While the API server is away the driver stays, because nothing says that its Liqo is gone.
 */
export class LiqoSwitch<T extends Driven> implements Task, LiqoHere<T> {
  readonly name = "Liqo";
  private current: Current<T> | undefined;
  private looking: Promise<void> | undefined;
  private readonly waiting = new Set<() => void>();

  /** @param look finds the Liqo that is there; throws a CatalogError that is no KubeError where there is none. */
  constructor(
    private readonly look: () => Promise<FoundLiqo>,
    private readonly make: (found: FoundLiqo) => T,
    private readonly everyMs: number,
    private readonly log: Logger,
  ) {}

  get found(): T | undefined {
    return this.current?.liqo;
  }

  async get(): Promise<T> {
    if (this.current === undefined) await this.lookOnce();
    if (this.current === undefined) throw new Error("a look has found nothing and has not said why");
    return this.current.liqo;
  }

  async run(signal: AbortSignal): Promise<void> {
    const driving = this.follow((liqo, over) => drive(liqo.tasks, over, this.log), signal);
    let reason: string | undefined;
    while (!signal.aborted) {
      reason = await this.lookAgain(reason);
      await delay(this.current === undefined ? Math.min(LOOK_FOR_MS, this.everyMs) : this.everyMs, signal);
    }
    await driving;
  }

  async follow(use: (liqo: T, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { current } = this;
      if (current === undefined) {
        await this.untilChanged(signal);
        continue;
      }
      const both = AbortSignal.any([signal, current.over.signal]);
      await use(current.liqo, both);
      if (!both.aborted) await this.untilChanged(both);
    }
  }

  /** One look; returns why there is no answer, which is logged when it is another reason than before. */
  private async lookAgain(before: string | undefined): Promise<string | undefined> {
    try {
      await this.lookOnce();
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== before) this.log.warn({ err: error }, "Liqo is not seen; it is looked for again");
      return reason;
    }
  }

  /** Whoever asks while a look is under way waits for that one. */
  private lookOnce(): Promise<void> {
    return (this.looking ??= this.lookNow().finally(() => (this.looking = undefined)));
  }

  private async lookNow(): Promise<void> {
    try {
      const found = await this.look();
      if (this.current !== undefined && isSame(this.current.found, found)) return;
      const before = this.current?.found;
      this.log.info({ ...found, before }, before === undefined ? "Liqo was found" : "another Liqo was found");
      this.replace({ found, liqo: this.make(found), over: new AbortController() });
    } catch (error) {
      if (!(error instanceof KubeError) && this.current !== undefined) this.replace(undefined);
      throw error;
    }
  }

  private replace(next: Current<T> | undefined): void {
    const before = this.current;
    this.current = next;
    before?.over.abort();
    for (const wake of this.waiting) wake();
  }

  private async untilChanged(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

function isSame(a: FoundLiqo, b: FoundLiqo): boolean {
  return a.mode === b.mode && a.version === b.version && a.clusterID === b.clusterID;
}

async function drive(tasks: readonly Task[], signal: AbortSignal, log: Logger): Promise<void> {
  const group = new TaskGroup(log);
  for (const task of tasks) group.start(task);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await group.stop();
}
