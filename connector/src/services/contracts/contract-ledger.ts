import { isEnded, type ContractState } from "@catalog/schema/contract";
import type { Contract } from "../../domain/contract.js";
import { applyEvent, expiryOf, released, seconds } from "../../domain/contract-change.js";
import type { NegotiationSettings } from "../../domain/negotiation-settings.js";
import { blockAfter } from "../../domain/sale.js";
import type { LedgerUnit } from "./ledger-ports.js";
import type { ClusterDriver } from "../ports.js";

/** Who did something, for timeline and activity. */
export const CONNECTOR_ACTOR = "connector";
export function peerActor(fingerprint: string): string {
  return `peer ${fingerprint}`;
}

/**
 * Writes what became of a contract, and in the same transaction everything that follows from it: timeline, stock, blocks, and the work that
 * has to be done after the commit. Every change of a contract goes through here.
 */
export class ContractLedger {
  constructor(
    private readonly settings: NegotiationSettings,
    private readonly driver: Pick<ClusterDriver, "releasesAtOnce">,
  ) {}

  /** Keeps a contract that was not known before. */
  async add(unit: LedgerUnit, contract: Contract, actor: string): Promise<Contract> {
    await unit.contracts.insert(contract);
    await this.follow(unit, undefined, contract, actor);
    return contract;
  }

  /** Keeps the change from `before` to `after`; the same object is no change. Returns the contract as it is now. */
  async change(unit: LedgerUnit, before: Contract, after: Contract, actor: string): Promise<Contract> {
    if (after === before) return before;
    const hasEnded = isEnded(after.state) && !isEnded(before.state);
    const now = hasEnded && this.driver.releasesAtOnce ? released(after, unit.now) : after;
    await unit.contracts.save(now);
    await this.follow(unit, before, now, actor);
    return now;
  }

  /** Ends a sold contract whose deadline has passed, whatever its stored state says. */
  async expire(unit: LedgerUnit, contract: Contract): Promise<Contract> {
    const event = contract.role === "SELLER" ? expiryOf(contract, unit.now) : undefined;
    if (event === undefined) return contract;
    const details = { code: "CONTRACT_EXPIRED", message: expiryMessage(contract.state) };
    return this.change(unit, contract, applyEvent(contract, event, unit.now, details), CONNECTOR_ACTOR);
  }

  private async follow(unit: LedgerUnit, before: Contract | undefined, after: Contract, actor: string): Promise<void> {
    unit.changed("contract", after.contractID);
    if (before?.state !== after.state) await tell(unit, after, actor);
    if (after.role === "SELLER") {
      await this.followSale(unit, before, after);
    }
    if (isEnded(after.state) && !after.isToldOfEnd) await nextCall(unit, after);
    if (after.role === "BUYER" && before === undefined) await nextCall(unit, after);
  }

  private async followSale(unit: LedgerUnit, before: Contract | undefined, after: Contract): Promise<void> {
    const { offerID, planID, units } = after.request;
    const wasHolding = before?.isHolding ?? false;
    if (wasHolding && !after.isHolding) await unit.stock.release(offerID, planID, units);
    if (wasHolding !== after.isHolding) await unit.outbox.add({ kind: "restock", subject: offerID });
    if (after.isHolding && isEnded(after.state)) await unit.outbox.add({ kind: "reclaim", subject: after.contractID });
    if ((before?.state === "ACTIVE") !== (after.state === "ACTIVE")) unit.changed("grant", after.buyer.clusterID);
    await this.followLapse(unit, before?.state, after);
  }

  private async followLapse(unit: LedgerUnit, before: ContractState | undefined, after: Contract): Promise<void> {
    const { offerID, planID } = after.request;
    if (before === after.state) return;
    if (after.state === "ACTIVE") await unit.buyers.clearBlock(after.counterparty, offerID, planID);
    if (after.state !== "EXPIRED" || (before !== "RESERVED" && before !== "CONFIRMED")) return;
    const known = await unit.buyers.block(after.counterparty, offerID, planID);
    await unit.buyers.saveBlock(
      after.counterparty,
      offerID,
      planID,
      blockAfter(known?.lapses ?? 0, unit.now, this.settings),
    );
  }
}

async function tell(unit: LedgerUnit, contract: Contract, actor: string): Promise<void> {
  const { contractID, state, code, message } = contract;
  const isOver = isEnded(state);
  await unit.contracts.addTimeline({
    contractID,
    state,
    at: seconds(unit.now),
    actor,
    code: isOver ? code : null,
    message: isOver ? message : null,
  });
  const side = contract.role === "SELLER" ? "sold to" : "bought from";
  const partner = contract.role === "SELLER" ? contract.buyer : contract.seller;
  const reason = isOver && message !== null ? `: ${message}` : "";
  const text = `${contract.request.units} × ${contract.request.planID} ${side} ${partner.prettyName} is ${state}${reason}`;
  await unit.activity.add({ actor, action: `contract.${state.toLowerCase()}`, subject: contractID, message: text });
}

function nextCall(unit: LedgerUnit, contract: Contract): Promise<void> {
  return unit.outbox.add({ kind: "negotiate", subject: contract.contractID, peer: contract.counterparty });
}

function expiryMessage(state: ContractState): string {
  if (state === "PENDING_APPROVAL") return "The provider did not approve the request in time.";
  if (state === "RESERVED") return "The reservation was not confirmed in time.";
  return state === "CONFIRMED"
    ? "The contract was not activated in time."
    : "The agreed end of the contract has been reached.";
}
