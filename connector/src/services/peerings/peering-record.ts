import { isEnded } from "@catalog/schema/contract";
import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import { seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR } from "../contracts/contract-ledger.js";
import { isSameSide } from "./other-side.js";
import type { PeeringTask } from "./peering-ports.js";
import type { Peering, PeeringUnit } from "./peering-store.js";
import { newPeering, peeringIDOf, taskOf } from "./peering-task.js";

/** What the other side says is written again after this time even if it is the same, in seconds: its age is shown. */
const HEARD_AGAIN = 60;

/** The role of this cluster in the contracts of a peering. */
export function roleOf(peering: Pick<Peering, "side">): "BUYER" | "SELLER" {
  return peering.side === "CUSTOMER" ? "BUYER" : "SELLER";
}

/** What the contracts say about a peering now; undefined for an id that is not known. */
export async function readTask(
  unit: PeeringUnit,
  peeringID: string,
): Promise<{ readonly peering: Peering; readonly task: PeeringTask } | undefined> {
  const peering = await unit.peerings.find(peeringID);
  if (peering === undefined) return undefined;
  const contracts = await unit.peerings.contractsWith(roleOf(peering), peering.peer.fingerprint);
  const allowance = await unit.allowances.find(peering.peer.clusterID);
  const isAllowed = allowance !== undefined && (allowance.isUnlimited || Object.keys(allowance.resources).length > 0);
  const otherRole = roleOf(peering) === "BUYER" ? "SELLER" : "BUYER";
  const otherContracts = await unit.peerings.contractsWith(otherRole, peering.peer.fingerprint);
  return { peering, task: taskOf(peering, contracts, { now: seconds(unit.now), isAllowed, otherContracts }) };
}

/** What a customer may still say of an ended contract, while its resources are not back: how the two halves go down. */
const SAID_OF_ENDED: ReadonlySet<string> = new Set(["status", "ended"]);

/**
 * The contract that a customer speaks of, and its peering.
 * @param type of its message.
 * @throws UNKNOWN_CONTRACT, CONTRACT_STATE_INVALID.
 */
export async function readSold(unit: PeeringUnit, buyer: string, contractID: string, type: string) {
  const contract = await unit.contracts.get(contractID);
  if (contract?.role !== "SELLER" || contract.counterparty !== buyer) {
    throw new CatalogError("UNKNOWN_CONTRACT", `There is no contract ${contractID} of yours here.`, { contractID });
  }
  if (contract.state !== "ACTIVE" && !(isGoingDown(contract) && SAID_OF_ENDED.has(type))) {
    const message = `Contract ${contractID} is ${contract.state}; only an active contract entitles to a peering.`;
    throw new CatalogError("CONTRACT_STATE_INVALID", message, { contractID, state: contract.state });
  }
  const known = await unit.peerings.find(peeringIDOf(contract));
  const peering = known ?? newPeering(contract, true, seconds(unit.now));
  if (known === undefined) await unit.peerings.save(peering);
  return { contract, peering };
}

/** Whether the contract has ended, and its resources are not back yet. */
export function isGoingDown({ state, isHolding, isOverdue }: Contract): boolean {
  return isEnded(state) && (isHolding || isOverdue);
}

/** Writes what has changed, tells those who look at it, and puts it into the history where it says something else than before. */
export async function keepIfChanged(
  unit: PeeringUnit,
  before: Peering,
  changed: Peering,
  actor: string = CONNECTOR_ACTOR,
): Promise<void> {
  const at = seconds(unit.now);
  const after = dated(before, changed, at);
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await unit.peerings.save({ ...after, changed: at });
  unit.changed("peering", after.peeringID);
  const { phase, message } = after.report ?? { phase: "WAITING", message: "" };
  if (before.report?.phase === phase && before.report.message === message) return;
  await unit.peerings.addEvent({ peeringID: after.peeringID, at, actor, phase, message });
  if (before.report?.phase === phase) return;
  const text = `Peering with ${after.peer.prettyName}: ${message}`;
  await unit.activity.add({ actor, action: `peering.${phase.toLowerCase()}`, subject: after.peeringID, message: text });
}

/** Puts something into the history that is no change of the phase: who wanted what, what was pasted, what went wrong. */
export async function addToHistory(unit: PeeringUnit, peering: Peering, actor: string, message: string): Promise<void> {
  const phase = peering.report?.phase ?? "WAITING";
  await unit.peerings.addEvent({ peeringID: peering.peeringID, at: seconds(unit.now), actor, phase, message });
}

/** Keeps why a turn failed. The report before it stays. */
export async function keepError(unit: PeeringUnit, peeringID: string, error: unknown): Promise<void> {
  const before = await unit.peerings.find(peeringID);
  if (before === undefined) return;
  const isTold = error instanceof CatalogError;
  const lastError = isTold ? error.message : "The last attempt failed; the log says why.";
  const object = isTold ? error.details?.["object"] : undefined;
  const lastErrorObject = typeof object === "string" ? object : null;
  if (before.lastError === lastError && before.lastErrorObject === lastErrorObject) return;
  await unit.peerings.save({ ...before, lastError, lastErrorObject, changed: seconds(unit.now) });
  await addToHistory(unit, before, CONNECTOR_ACTOR, lastError);
  unit.changed("peering", peeringID);
}

/** With the times since when it stands so, and what the other side says only if that is news. */
function dated(before: Peering, changed: Peering, at: number): Peering {
  const hasMoved = before.report?.phase !== changed.report?.phase;
  const hasProgressed = progressOf(before) !== progressOf(changed);
  const heard = changed.otherSide;
  const isStale = (heard?.at ?? 0) - (before.otherSide?.at ?? 0) < HEARD_AGAIN;
  return {
    ...changed,
    phaseSince: hasMoved ? at : before.phaseSince,
    progressed: hasProgressed ? at : before.progressed,
    otherSide: isSameSide(before.otherSide, heard) && isStale ? before.otherSide : heard,
  };
}

/** Differs when a step has got further, or stands at another object. */
function progressOf({ report }: Peering): string {
  if (report === null) return "";
  return JSON.stringify([report.phase, report.steps.map(({ name, status, object }) => [name, status, object])]);
}
