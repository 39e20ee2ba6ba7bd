import { CatalogError } from "@catalog/schema/errors";
import { TokenBuckets } from "@catalog/server/limits/token-buckets";
import { released, seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR, type ContractLedger } from "../contracts/contract-ledger.js";
import { KeyedLock } from "../keyed-lock.js";
import type { Transact } from "../contracts/ledger-ports.js";
import {
  type DriverState,
  MAX_MESSAGE,
  type PeeringDriver,
  type PeeringExchange,
  type PeeringMessage,
  type PeeringReport,
  type PeeringTask,
} from "./peering-ports.js";
import { isQuestionDue, ownSideView, readSideView, withSide } from "./other-side.js";
import type { OtherSide } from "./side-view.js";
import { addToHistory, isGoingDown, keepError, keepIfChanged, readSold, readTask, roleOf } from "./peering-record.js";
import type { Peering, PeeringUnit } from "./peering-store.js";
import { isOver, peeringIDOf } from "./peering-task.js";

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
  /** When the provider of each peering was last asked for its side, or told it, in seconds of this process. */
  private readonly askedAt = new Map<string, number>();

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
      const read = await this.transact((unit) => readTask(unit, peeringID));
      if (driver === undefined || read === undefined) return { isOver: read === undefined, againInMs: null } as const;
      const talk = new Talk(this.exchange, read.peering);
      try {
        const report = await driver.reconcile(read.task, talk.exchange);
        await this.askOtherSide(peeringID, read.task, report, talk);
        return await this.transact((unit) => this.keep(unit, peeringID, report, talk.heard));
      } catch (error) {
        await this.transact((unit) => keepError(unit, peeringID, error));
        throw error;
      }
    });
  }

  /** What the contracts say about a peering now; undefined for an id that is not known. */
  async task(peeringID: string): Promise<PeeringTask | undefined> {
    return (await this.transact((unit) => readTask(unit, peeringID)))?.task;
  }

  /** Lets the driver go on with something that the admin brings. `message` goes into the history. @throws NOT_FOUND, and what `work` throws. */
  resume(
    peeringID: string,
    actor: string,
    message: string,
    work: (task: PeeringTask) => Promise<DriverState>,
  ): Promise<void> {
    return this.locks.run(peeringID, async () => {
      const read = await this.transact((unit) => readTask(unit, peeringID));
      if (read === undefined) throw new CatalogError("NOT_FOUND", `There is no peering ${peeringID}.`);
      const state = await work(read.task);
      await this.transact(async (unit) => {
        const now = (await unit.peerings.find(peeringID)) ?? read.peering;
        await addToHistory(unit, now, actor, message);
        await keepIfChanged(unit, now, { ...now, state });
        unit.changed("peeringTurn", peeringID);
      });
    });
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
    const { side, ...message } = readMessage(text);
    const key = peeringIDOf({ role: "SELLER", counterparty: caller.fingerprint });
    return this.locks.run(key, async () => {
      const driver = this.driver();
      if (driver === undefined)
        throw new CatalogError("UNAVAILABLE", "This provider's Liqo is not there yet. Ask again.");
      const { type } = message;
      const { contract, peering } = await this.transact((unit) => readSold(unit, caller.fingerprint, contractID, type));
      const { reply, state } =
        type === "status" && isGoingDown(contract)
          ? { reply: GOING_DOWN, state: peering.state }
          : await driver.answer(contract, message, peering.state);
      await this.transact(async (unit) => {
        const now = (await unit.peerings.find(key)) ?? peering;
        await keepIfChanged(unit, now, { ...now, state, otherSide: heardBy(unit, side) ?? now.otherSide });
        if (JSON.stringify(state) !== JSON.stringify(now.state)) unit.changed("peeringTurn", key);
      });
      return JSON.stringify(type === "status" ? withSide(reply, peering) : reply);
    });
  }

  /** Whether the provider answers, and what, decides nothing: it is asked so that the admin sees both sides. */
  private async askOtherSide(peeringID: string, task: PeeringTask, report: PeeringReport, talk: Talk): Promise<void> {
    const contract = task.contracts[0] ?? task.ending[0];
    if (task.side !== "CUSTOMER" || contract === undefined) return;
    const now = performance.now() / 1000;
    const isHeard = talk.heard !== undefined;
    if (!isHeard && !isQuestionDue(report.phase, this.askedAt.get(peeringID) ?? -Infinity, now)) return;
    this.askedAt.set(peeringID, now);
    if (isHeard) return;
    try {
      await talk.exchange(contract, { type: "status" });
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
    }
  }

  private async keep(unit: PeeringUnit, peeringID: string, report: PeeringReport, heard: unknown): Promise<TurnResult> {
    const before = await unit.peerings.find(peeringID);
    if (before === undefined) return { isOver: true };
    for (const contractID of report.released) {
      const contract = await unit.contracts.find(contractID);
      if (contract === undefined || contract.counterparty !== before.peer.fingerprint) continue;
      await this.ledger.change(unit, contract, released(contract, unit.now), CONNECTOR_ACTOR);
    }
    const { state, released: _, retryAfterMs, ...shown } = report;
    const otherSide = heardBy(unit, heard) ?? before.otherSide;
    const after = { ...before, state, report: shown, lastError: null, lastErrorObject: null, otherSide };
    await keepIfChanged(unit, before, after);
    const contracts = await unit.peerings.contractsWith(roleOf(after), after.peer.fingerprint);
    return isOver(after, contracts) ? { isOver: true } : { isOver: false, againInMs: retryAfterMs };
  }
}

/** The answer about a contract that has ended is how the peering stands; the driver, which would make it, is not asked. */
const GOING_DOWN: PeeringMessage = { type: "status", granted: {} };

/** What is said to the provider in one turn: each message tells how this side stands, and the answer how the other does. */
class Talk {
  /** What the provider last said of its side; undefined if it said nothing. */
  heard: PeeringMessage | undefined;

  constructor(
    private readonly direct: PeeringExchange,
    private readonly peering: Peering,
  ) {}

  readonly exchange: PeeringExchange = async (contract, message) => {
    const reply = await this.direct(contract, { ...message, side: ownSideView(this.peering) });
    if (message.type === "status") this.heard = reply;
    return reply;
  };
}

/** How the other side stands by its own words, as of now; undefined if it did not say. */
function heardBy(unit: PeeringUnit, said: unknown): OtherSide | undefined {
  const at = seconds(unit.now);
  const view = readSideView(said, at);
  return view && { ...view, at };
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
