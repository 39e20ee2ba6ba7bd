import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient, ListOptions } from "../rig/kube-client.js";
import { type KindRef, type ObjectRef, refOf } from "../rig/kube-object.js";

const RETRY_MS = { first: 100, most: 1_600 };
/** What nobody has touched is looked at again this often. */
const RESYNC_MS = 5_000;
/** How soon after the last look an object is looked at because of a change elsewhere. */
const ELSEWHERE_MS = 500;

/** What a test does to a stand-in: how slow it is and which of its controllers fail. */
export class Disturbance {
  /** Wait before each step of each controller, in ms. */
  delayMs = 0;
  readonly #failing = new Set<string>();

  /** The named controller fails at every object until {@link heal}. */
  fail(controller: string): void {
    this.#failing.add(controller);
  }

  heal(controller: string): void {
    this.#failing.delete(controller);
  }

  /** Waits, and throws where the controller is to fail. */
  async beforeStep(controller: string): Promise<void> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (this.#failing.has(controller)) throw new Error(`${controller} fails because the test wants it`);
  }
}

/** One controller: a kind, and what is done whenever an object of it changes. */
export interface ControllerSpec {
  readonly name: string;
  readonly kind: KindRef;
  readonly options?: ListOptions;
  /** Level-triggered and idempotent: reads the object anew. What it throws is tried again. Without it, a change of the kind only wakes the others. */
  readonly reconcile?: (ref: ObjectRef) => Promise<void>;
  /** Time after which an object is looked at again, in ms, where it depends on what cannot be watched; some seconds unless given. */
  readonly resyncMs?: number;
}

/** The last thing that went wrong with an object. */
export interface ControllerFailure {
  readonly controller: string;
  readonly object: string;
  readonly message: string;
}

/** Runs controllers over one cluster until it is stopped; started again, it goes on from what the cluster holds, as a restarted Liqo does. */
export class Controllers {
  readonly failures: ControllerFailure[] = [];
  #stop: AbortController | undefined;
  #running: Promise<void>[] = [];
  #queues: readonly WorkQueue[] = [];

  constructor(
    private readonly kube: KubeClient,
    private readonly disturbance: Disturbance,
    private readonly specs: readonly ControllerSpec[],
  ) {}

  start(): void {
    if (this.#stop) throw new Error("the controllers run already");
    const stop = new AbortController();
    setMaxListeners(0, stop.signal); // each watch listens to it
    this.#stop = stop;
    const queues = this.specs.map(
      ({ resyncMs = RESYNC_MS, ...spec }) => new WorkQueue((ref) => this.#step(spec, ref), resyncMs, stop.signal),
    );
    this.#queues = queues;
    this.#running = this.specs.map((spec, index) => this.#run(spec, queues[index] as WorkQueue, stop.signal));
  }

  /** Something has changed on which any object may depend: all are looked at soon. */
  wake(): void {
    for (const queue of this.#queues) queue.wakeAll();
  }

  /** Ends after the step that each controller is in. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await Promise.all(this.#running);
    this.#stop = undefined;
    this.#running = [];
  }

  async #run(spec: ControllerSpec, queue: WorkQueue, signal: AbortSignal): Promise<void> {
    const watching = this.kube.watch(
      spec.kind,
      spec.options ?? {},
      (object, type) => {
        if (spec.reconcile !== undefined) queue.add(refOf(object), type === "DELETED");
        this.wake();
      },
      signal,
      (error) => this.#failed(spec, "watch", error),
    );
    await Promise.all([watching, queue.run()]);
  }

  async #step(spec: ControllerSpec, ref: ObjectRef): Promise<boolean> {
    try {
      await this.disturbance.beforeStep(spec.name);
      await spec.reconcile?.(ref);
      return true;
    } catch (error) {
      this.#failed(spec, `${ref.kind} ${ref.namespace ?? ""}/${ref.name}`, error);
      return false;
    }
  }

  #failed(spec: ControllerSpec, object: string, error: unknown): void {
    this.failures.push({
      controller: spec.name,
      object,
      message: error instanceof Error ? error.message : String(error),
    });
    if (this.failures.length > 200) this.failures.shift();
  }
}

interface Waiting {
  readonly ref: ObjectRef;
  /** Forgotten once it was looked at. */
  readonly isGone: boolean;
  dueAt: number;
  lookedAt: number;
  failures: number;
}

/** One worker over the objects that changed; each at most once in line, failed ones again after a growing pause. */
class WorkQueue {
  readonly #known = new Map<string, Waiting>();
  #rouse: () => void = () => undefined;

  constructor(
    private readonly step: (ref: ObjectRef) => Promise<boolean>,
    private readonly resyncMs: number,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.#rouse(), { once: true });
  }

  add(ref: ObjectRef, isGone: boolean): void {
    this.#known.set(`${ref.namespace ?? ""}/${ref.name}`, { ref, isGone, dueAt: 0, lookedAt: 0, failures: 0 });
    this.#rouse();
  }

  wakeAll(): void {
    for (const waiting of this.#known.values())
      waiting.dueAt = Math.min(waiting.dueAt, waiting.lookedAt + ELSEWHERE_MS);
    this.#rouse();
  }

  async run(): Promise<void> {
    while (!this.signal.aborted) {
      const now = performance.now();
      const due = [...this.#known].filter(([, waiting]) => waiting.dueAt <= now);
      for (const [key, waiting] of due) {
        if (this.signal.aborted) return;
        await this.#work(key, waiting);
      }
      if (due.length === 0) await this.#rest();
    }
  }

  async #work(key: string, waiting: Waiting): Promise<void> {
    waiting.lookedAt = performance.now();
    waiting.dueAt = Infinity;
    const succeeded = await this.step(waiting.ref);
    if (this.#known.get(key) !== waiting) return; // it changed meanwhile: due at once
    if (succeeded && waiting.isGone) this.#known.delete(key);
    waiting.failures = succeeded ? 0 : waiting.failures + 1;
    const pause = succeeded ? this.resyncMs : Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (waiting.failures - 1));
    waiting.dueAt = Math.min(waiting.dueAt, performance.now() + pause);
  }

  /** Until something is due, or may be. */
  async #rest(): Promise<void> {
    const next = Math.min(...[...this.#known.values()].map(({ dueAt }) => dueAt));
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#rouse = resolve;
      if (Number.isFinite(next)) timer = setTimeout(resolve, Math.max(1, next - performance.now()));
    });
    clearTimeout(timer);
  }
}
