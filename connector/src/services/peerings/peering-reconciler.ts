import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { PeeringDriver } from "./peering-ports.js";
import type { PeeringTurns } from "./peering-turn.js";
import type { PeeringService } from "./peering.service.js";
import { KeyedWorkers, untilAborted } from "../keyed-workers.js";
import type { Changes } from "../ports.js";

/** When each peering is looked at again although nothing has woken it. */
export interface PeeringPeriods {
  readonly lookEveryMs: number;
}

/**
 * Keeps every peering as its contracts say: one worker each, woken by changes of contracts and of objects in the cluster, and every half
 * minute all the same. What fails is tried again with growing pauses; nothing that one peering does delays another.
 */
export class PeeringReconciler implements Task {
  readonly name = "peerings";
  private readonly workers: KeyedWorkers;
  /** Clusters whose peerings are being looked for. */
  private readonly sought = new Set<string>();

  constructor(
    private readonly peerings: PeeringService,
    private readonly turns: PeeringTurns,
    private readonly changes: Changes,
    private readonly periods: PeeringPeriods,
    private readonly log: Logger,
  ) {
    this.workers = new KeyedWorkers("a peering", (peeringID) => this.turn(peeringID), log);
  }

  async run(signal: AbortSignal): Promise<void> {
    const stops = [
      this.changes.on("contract", (contractID) => this.contractChanged(contractID, signal)),
      this.changes.on("peeringTurn", (peeringID) => this.wake(peeringID, signal)),
      this.changes.on("cluster", (clusterID) => void this.wakePeer(clusterID, signal)),
    ];
    try {
      for (const peeringID of await this.peerings.ensureAll()) this.wake(peeringID, signal);
      await untilAborted(signal);
    } finally {
      for (const stop of stops) stop();
      await this.workers.ended();
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

  /** A watch tells of many objects at once: one look for the peerings of a cluster is enough for all that come before it ends. */
  private async wakePeer(clusterID: string, signal: AbortSignal): Promise<void> {
    if (this.sought.has(clusterID)) return;
    this.sought.add(clusterID);
    try {
      for (const peeringID of await this.peerings.idsWith(clusterID)) this.wake(peeringID, signal);
    } catch (error) {
      this.log.info({ err: error, clusterID }, "a change in the cluster is looked at later");
    } finally {
      this.sought.delete(clusterID);
    }
  }

  private wake(peeringID: string, signal: AbortSignal): void {
    this.workers.wake(peeringID, signal);
  }

  /** How long to rest afterwards, in ms; undefined when nothing is left to do. */
  private async turn(peeringID: string): Promise<number | undefined> {
    const result = await this.turns.take(peeringID);
    if (result.isOver) return undefined;
    return Math.min(result.againInMs ?? this.periods.lookEveryMs, this.periods.lookEveryMs);
  }
}
