import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import { peeringIDOf } from "../peerings/peering-task.js";
import { KeyedWorkers, untilAborted } from "../keyed-workers.js";
import type { Changes } from "../ports.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { OffloadingUnit } from "./offloading-store.js";
import type { OffloadingTurns } from "./offloading-turn.js";

/** When each namespace is looked at again although nothing has woken it. */
export interface OffloadingPeriods {
  readonly lookEveryMs: number;
}

/**
 * Keeps every namespace bound to exactly the contracts that the admin wants it on and that are in force: one worker each, woken by contracts,
 * by peerings, by the admin and by what happens in the cluster, and periodically all the same.
 */
export class OffloadingReconciler implements Task {
  readonly name = "offloadings";
  private readonly workers: KeyedWorkers;

  constructor(
    private readonly transact: Transact<OffloadingUnit>,
    private readonly turns: OffloadingTurns,
    private readonly changes: Changes,
    private readonly periods: OffloadingPeriods,
    private readonly log: Logger,
  ) {
    this.workers = new KeyedWorkers("an offloaded namespace", (namespace) => this.turn(namespace), log);
  }

  async run(signal: AbortSignal): Promise<void> {
    const wake = (isMeant: (unit: OffloadingUnit, contractID: string) => Promise<boolean>): void =>
      void this.wakeWhere(isMeant, signal);
    const stops = [
      this.changes.on("offloading", (namespace) => this.workers.wake(namespace, signal)),
      this.changes.on("contract", (changed) => wake(async (_, contractID) => contractID === changed)),
      this.changes.on("peering", (peeringID) => wake((unit, contractID) => isOf(unit, contractID, peeringID))),
    ];
    try {
      await this.transact(async ({ offloadings }) => {
        for (const { namespace } of await offloadings.list()) this.workers.wake(namespace, signal);
      });
      await untilAborted(signal);
    } finally {
      for (const stop of stops) stop();
      await this.workers.ended();
    }
  }

  private async wakeWhere(
    isMeant: (unit: OffloadingUnit, contractID: string) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const namespaces = await this.transact(async (unit) => {
        const meant = new Set<string>();
        for (const { namespace, contractID } of await unit.offloadings.list())
          if (await isMeant(unit, contractID)) meant.add(namespace);
        return meant;
      });
      for (const namespace of namespaces) this.workers.wake(namespace, signal);
    } catch (error) {
      this.log.info({ err: error }, "offloaded namespaces are looked at later");
    }
  }

  /** How long to rest afterwards, in ms; undefined when nothing is left to do. */
  private async turn(namespace: string): Promise<number | undefined> {
    const result = await this.turns.take(namespace);
    if (result.isOver) return undefined;
    return Math.min(result.againInMs ?? this.periods.lookEveryMs, this.periods.lookEveryMs);
  }
}

async function isOf(unit: OffloadingUnit, contractID: string, peeringID: string): Promise<boolean> {
  const contract = await unit.contracts.get(contractID);
  return contract !== undefined && peeringIDOf(contract) === peeringID;
}
