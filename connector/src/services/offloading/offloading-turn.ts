import { CatalogError } from "@catalog/schema/errors";
import { seconds } from "../../domain/contract-change.js";
import { type Offloading, type OffloadingFacts, type OffloadingStanding, standingOf } from "../../domain/offloading.js";
import { CONNECTOR_ACTOR } from "../contracts/contract-ledger.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { NamespaceReport, NamespaceTask, OffloadingDriver } from "./offloading-ports.js";
import type { OffloadingUnit } from "./offloading-store.js";
import { namespaceTask, offloadingID, readNamespace } from "./offloading-task.js";

/** After a turn: nothing left to do, or look again after that time at the latest (null: at the next periodic look). */
export type OffloadingTurn = { readonly isOver: true } | { readonly isOver: false; readonly againInMs: number | null };

/** One turn of one namespace: reads what is wanted, lets the driver do what can be done now, and keeps what it reports. */
export class OffloadingTurns {
  constructor(
    private readonly transact: Transact<OffloadingUnit>,
    private readonly driver: OffloadingDriver,
  ) {}

  /** @throws what passes by itself; it is kept as the last error. */
  async take(namespace: string): Promise<OffloadingTurn> {
    const task = await this.transact(async (unit) =>
      namespaceTask(namespace, await readNamespace(unit, namespace), seconds(unit.now)),
    );
    try {
      const report = await this.driver.reconcile(task);
      return await this.transact((unit) => keepReport(unit, task, report));
    } catch (error) {
      await this.transact((unit) => keepError(unit, namespace, error));
      throw error;
    }
  }
}

async function keepReport(unit: OffloadingUnit, task: NamespaceTask, report: NamespaceReport): Promise<OffloadingTurn> {
  let left = 0;
  for (const facts of await readNamespace(unit, task.namespace)) {
    const after = outcomeOf(facts, task, report, seconds(unit.now));
    if (after === undefined) await forget(unit, facts);
    else {
      left++;
      await keepIfChanged(unit, facts, after);
    }
  }
  if (left === 0 && report.isSettled) return { isOver: true };
  return { isOver: false, againInMs: report.retryAfterMs };
}

/** How one offloading stands after a look at its namespace; undefined when nothing of it is left. */
export function outcomeOf(
  facts: OffloadingFacts,
  task: NamespaceTask,
  report: NamespaceReport,
  now: number,
): Offloading | undefined {
  const { offloading } = facts;
  const standing = standingOf(facts, now);
  // What became over while the driver looked was still asked for: the next look takes it back.
  const wasAsked = task.targets.some((target) => target.contractID === offloading.contractID);
  if (standing === "OVER" && report.isSettled && !wasAsked) return undefined;
  return { ...offloading, ...toldOf(standing, report), lastError: null };
}

type Told = Pick<Offloading, "phase" | "message" | "whatToDo">;

function toldOf(standing: OffloadingStanding, { phase, message, whatToDo, isSettled }: NamespaceReport): Told {
  if (standing === "OVER" && isSettled)
    return { phase: "REMOVING", message: "It is being taken back.", whatToDo: null };
  if (standing === "OVER") return { phase: "REMOVING", message, whatToDo };
  if (standing === "PAUSED")
    return {
      phase: "WAITING",
      message: "The peering of the contract is not wanted now, so no pods go there.",
      whatToDo: "Call createPeering to have it again.",
    };
  return { phase, message, whatToDo };
}

async function forget(unit: OffloadingUnit, { offloading, contract }: OffloadingFacts): Promise<void> {
  const { contractID, namespace } = offloading;
  await unit.offloadings.remove(contractID, namespace);
  const message = `Namespace ${namespace} is not bound to contract ${contractID} with ${contract.seller.prettyName} any more`;
  await unit.activity.add({ actor: CONNECTOR_ACTOR, action: "offloading.removed", subject: contractID, message });
  unit.changed("offloadingStatus", offloadingID(offloading));
}

async function keepIfChanged(
  unit: OffloadingUnit,
  { offloading: before }: OffloadingFacts,
  after: Offloading,
): Promise<void> {
  const isSame = (["phase", "message", "whatToDo", "lastError"] as const).every((name) => before[name] === after[name]);
  if (isSame) return;
  await unit.offloadings.save({ ...after, changed: seconds(unit.now) });
  unit.changed("offloadingStatus", offloadingID(after));
  if (before.phase === after.phase) return;
  const message = `Offloading of namespace ${after.namespace}: ${after.message}`;
  const action = `offloading.${after.phase.toLowerCase()}`;
  await unit.activity.add({ actor: CONNECTOR_ACTOR, action, subject: after.contractID, message });
}

async function keepError(unit: OffloadingUnit, namespace: string, error: unknown): Promise<void> {
  const lastError = error instanceof CatalogError ? error.message : "The last attempt failed; the log says why.";
  for (const before of await unit.offloadings.ofNamespace(namespace)) {
    if (before.lastError === lastError) continue;
    await unit.offloadings.save({ ...before, lastError, changed: seconds(unit.now) });
    unit.changed("offloadingStatus", offloadingID(before));
  }
}
