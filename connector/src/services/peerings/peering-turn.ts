import { CatalogError } from "@catalog/schema/errors";
import { TokenBuckets } from "@catalog/server/limits/token-buckets";
import { released, seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR, type ContractLedger } from "../contracts/contract-ledger.js";
import { KeyedLock } from "../keyed-lock.js";
import type { Transact } from "../contracts/ledger-ports.js";
import {
  MAX_MESSAGE,
  type PeeringDriver,
  type PeeringExchange,
  type PeeringMessage,
  type PeeringReport,
  type PeeringTask,
} from "./peering-ports.js";
import type { Peering, PeeringUnit } from "./peering-store.js";
import { isOver, newPeering, peeringIDOf, taskOf } from "./peering-task.js";

/** What to do after a turn: nothing any more, or look again after that time at the latest (null: at the next periodic look). */
export type TurnResult = { readonly isOver: true } | { readonly isOver: false; readonly againInMs: number | null };

/** Messages of one customer: a handshake is some ten of them, and each makes the provider read a dozen objects of its cluster. */
const MESSAGES = { burst: 60, perSecond: 10 };

/**
 * One turn of one peering: reads what the contracts say, lets the driver do what can be done now, and keeps what it reports. The turns of a
 * peering and the answers to its peer follow one another, because both go on from what the driver remembers.
 */
export class PeeringTurns {
  private readonly locks = new KeyedLock();
  private readonly messages = new TokenBuckets(MESSAGES);

  constructor(
    private readonly transact: Transact<PeeringUnit>,
    private readonly ledger: ContractLedger,
    private readonly driver: () => PeeringDriver | undefined,
    private readonly exchange: PeeringExchange,
  ) {}

  /** @throws what passes by itself; it is kept as the peering's last error. */
  take(peeringID: string): Promise<TurnResult> {
    return this.locks.run(peeringID, async () => {
      const driver = this.driver();
      const task = await this.transact((unit) => readTask(unit, peeringID));
      if (driver === undefined || task === undefined) return { isOver: task === undefined, againInMs: null } as const;
      try {
        const report = await driver.reconcile(task, this.exchange);
        return await this.transact((unit) => this.keep(unit, peeringID, report));
      } catch (error) {
        await this.transact((unit) => keepError(unit, peeringID, error));
        throw error;
      }
    });
  }

  /** What the contracts say about a peering now; undefined for an id that is not known. */
  task(peeringID: string): Promise<PeeringTask | undefined> {
    return this.transact((unit) => readTask(unit, peeringID));
  }

  /**
   * The answer to a customer's message about its contract.
   * @throws RATE_LIMITED, UNKNOWN_CONTRACT, CONTRACT_STATE_INVALID, BAD_USER_INPUT, UNAVAILABLE while no Liqo is there, and what the driver refuses.
   */
  async answer(caller: { readonly fingerprint: string }, contractID: string, text: string): Promise<string> {
    const retryAfter = this.messages.take(caller.fingerprint);
    if (retryAfter > 0)
      throw new CatalogError(
        "RATE_LIMITED",
        `At most ${MESSAGES.perSecond} messages about a peering a second; try again later.`,
        { retryAfter: Math.ceil(retryAfter) },
      );
    const message = readMessage(text);
    const key = peeringIDOf({ role: "SELLER", counterparty: caller.fingerprint });
    return this.locks.run(key, async () => {
      const driver = this.driver();
      if (driver === undefined)
        throw new CatalogError("UNAVAILABLE", "This provider's Liqo is not there yet. Ask again.");
      const { contract, peering } = await this.transact((unit) => readSold(unit, caller.fingerprint, contractID));
      const { reply, state } = await driver.answer(contract, message, peering.state);
      await this.transact(async (unit) => {
        const now = await unit.peerings.find(key);
        await unit.peerings.save({ ...(now ?? peering), state });
        unit.changed("peering", key);
      });
      return JSON.stringify(reply);
    });
  }

  private async keep(unit: PeeringUnit, peeringID: string, report: PeeringReport): Promise<TurnResult> {
    const before = await unit.peerings.find(peeringID);
    if (before === undefined) return { isOver: true };
    for (const contractID of report.released) {
      const contract = await unit.contracts.find(contractID);
      if (contract === undefined || contract.counterparty !== before.peer.fingerprint) continue;
      await this.ledger.change(unit, contract, released(contract, unit.now), CONNECTOR_ACTOR);
    }
    const { state, released: _, retryAfterMs, ...shown } = report;
    const after = { ...before, state, report: shown, lastError: null };
    await keepIfChanged(unit, before, after);
    const contracts = await unit.peerings.contractsWith(roleOf(after), after.peer.fingerprint);
    return isOver(after, contracts) ? { isOver: true } : { isOver: false, againInMs: retryAfterMs };
  }
}

function roleOf(peering: Pick<Peering, "side">): "BUYER" | "SELLER" {
  return peering.side === "CUSTOMER" ? "BUYER" : "SELLER";
}

async function readTask(unit: PeeringUnit, peeringID: string): Promise<PeeringTask | undefined> {
  const peering = await unit.peerings.find(peeringID);
  if (peering === undefined) return undefined;
  const contracts = await unit.peerings.contractsWith(roleOf(peering), peering.peer.fingerprint);
  const allowance = await unit.allowances.find(peering.peer.clusterID);
  const isAllowed = allowance !== undefined && (allowance.isUnlimited || Object.keys(allowance.resources).length > 0);
  return taskOf(peering, contracts, { now: seconds(unit.now), isAllowed });
}

async function readSold(unit: PeeringUnit, buyer: string, contractID: string) {
  const contract = await unit.contracts.get(contractID);
  if (contract?.role !== "SELLER" || contract.counterparty !== buyer) {
    throw new CatalogError("UNKNOWN_CONTRACT", `There is no contract ${contractID} of yours here.`, { contractID });
  }
  if (contract.state !== "ACTIVE") {
    const message = `Contract ${contractID} is ${contract.state}; only an active contract entitles to a peering.`;
    throw new CatalogError("CONTRACT_STATE_INVALID", message, { contractID, state: contract.state });
  }
  const known = await unit.peerings.find(peeringIDOf(contract));
  const peering = known ?? newPeering(contract, true, seconds(unit.now));
  if (known === undefined) await unit.peerings.save(peering);
  return { contract, peering };
}

async function keepIfChanged(unit: PeeringUnit, before: Peering, after: Peering): Promise<void> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const at = seconds(unit.now);
  await unit.peerings.save({ ...after, changed: at });
  unit.changed("peering", after.peeringID);
  const { phase, message } = after.report ?? { phase: "WAITING", message: "" };
  if (before.report?.phase === phase && before.report.message === message) return;
  await unit.peerings.addEvent({ peeringID: after.peeringID, at, phase, message });
  if (before.report?.phase === phase) return;
  const text = `Peering with ${after.peer.prettyName}: ${message}`;
  const action = `peering.${phase.toLowerCase()}`;
  await unit.activity.add({ actor: CONNECTOR_ACTOR, action, subject: after.peeringID, message: text });
}

async function keepError(unit: PeeringUnit, peeringID: string, error: unknown): Promise<void> {
  const before = await unit.peerings.find(peeringID);
  const lastError = error instanceof CatalogError ? error.message : "The last attempt failed; the log says why.";
  if (before === undefined || before.lastError === lastError) return;
  await unit.peerings.save({ ...before, lastError, changed: seconds(unit.now) });
  unit.changed("peering", peeringID);
}

/** @throws BAD_USER_INPUT for anything but one JSON object with a `type`. */
function readMessage(text: string): PeeringMessage {
  if (text.length > MAX_MESSAGE)
    throw new CatalogError("BAD_USER_INPUT", `A message has at most ${MAX_MESSAGE} characters.`);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new CatalogError("BAD_USER_INPUT", "The message is not JSON.");
  }
  if (typeof message !== "object" || message === null || !("type" in message) || typeof message.type !== "string")
    throw new CatalogError("BAD_USER_INPUT", "The message is not a JSON object with a type.");
  return message as PeeringMessage;
}
