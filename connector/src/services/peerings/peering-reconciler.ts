import { Backoff, delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { PeeringDriver } from "./peering-ports.js";
import type { PeeringTurns } from "./peering-turn.js";
import type { PeeringService } from "./peering.service.js";
import type { Changes } from "../ports.js";

/** When each peering is looked at again although nothing has woken it. */
export interface PeeringPeriods {
  readonly lookEveryMs: number;
}

/** The shortest time between two turns of the same peering, in ms: a driver whose report never settles must not spin. */
const SHORTEST_PAUSE_MS = 100;

interface Worker {
  isWoken: boolean;
  wake: () => void;
  readonly done: Promise<void>;
}

/**
 * Keeps every peering as its contracts say: one worker each, woken by changes of contracts and of objects in the cluster, and every half
 * minute all the same. What fails is tried again with growing pauses; nothing that one peering does delays another.
 */
export class PeeringReconciler implements Task {
  readonly name = "peerings";
  private readonly workers = new Map<string, Worker>();

  constructor(
    private readonly peerings: PeeringService,
    private readonly turns: PeeringTurns,
    private readonly changes: Changes,
    private readonly periods: PeeringPeriods,
    private readonly log: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const stops = [
      this.changes.on("contract", (contractID) => this.contractChanged(contractID, signal)),
      this.changes.on("peering", (peeringID) => this.wake(peeringID, signal)),
      this.changes.on("cluster", (clusterID) => void this.wakePeer(clusterID, signal)),
    ];
    try {
      for (const peeringID of await this.peerings.ensureAll()) this.wake(peeringID, signal);
      // It may have been told to end while it read the peerings; there is no event for that any more.
      if (!signal.aborted)
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    } finally {
      for (const stop of stops) stop();
      await Promise.all([...this.workers.values()].map((worker) => worker.done));
    }
  }

  /** Passes on what a driver sees in the cluster, until the signal aborts. */
  watch(driver: PeeringDriver, signal: AbortSignal): Promise<void> {
    return driver.watch((clusterID) => this.changes.emit("cluster", clusterID), signal);
  }

  private contractChanged(contractID: string, signal: AbortSignal): void {
    this.peerings.ensureFor(contractID).then(
      (peeringID) => peeringID !== undefined && this.wake(peeringID, signal),
      (error: unknown) => this.log.info({ err: error, contractID }, "a contract's peering is looked at later"),
    );
  }

  private async wakePeer(clusterID: string, signal: AbortSignal): Promise<void> {
    try {
      for (const { peering } of await this.peerings.list())
        if (peering.peer.clusterID === clusterID) this.wake(peering.peeringID, signal);
    } catch (error) {
      this.log.info({ err: error, clusterID }, "a change in the cluster is looked at later");
    }
  }

  private wake(peeringID: string, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = this.workers.get(peeringID);
    if (known !== undefined) {
      known.isWoken = true;
      known.wake();
      return;
    }
    const worker: Worker = { isWoken: true, wake: () => undefined, done: Promise.resolve() };
    this.workers.set(peeringID, worker);
    Object.assign(worker, { done: this.work(peeringID, worker, signal) });
  }

  private async work(peeringID: string, worker: Worker, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      worker.isWoken = false;
      const pause = await this.turn(peeringID, backoff);
      if (pause === undefined && !worker.isWoken) break;
      await delay(SHORTEST_PAUSE_MS, signal);
      await this.rest(worker, pause ?? 0, signal);
    }
    this.workers.delete(peeringID);
  }

  /** How long to rest afterwards, in ms; undefined when nothing is left to do. */
  private async turn(peeringID: string, backoff: Backoff): Promise<number | undefined> {
    try {
      const result = await this.turns.take(peeringID);
      backoff.reset();
      if (result.isOver) return undefined;
      return Math.min(result.againInMs ?? this.periods.lookEveryMs, this.periods.lookEveryMs);
    } catch (error) {
      this.log.info({ err: error, peeringID }, "a peering is tried again");
      return backoff.next();
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
