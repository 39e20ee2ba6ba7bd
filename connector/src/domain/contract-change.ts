import {
  ContractStateInvalidError,
  type ContractEvent,
  type ContractState,
  isEnded,
  nextState,
} from "@catalog/schema/contract";
import type { Negotiation } from "@catalog/schema/operations";
import type { Contract, ContractDocuments } from "./contract.js";

/** What may change together with the state. */
export type ContractDetails = Partial<
  Omit<Contract, "contractID" | "role" | "state" | "documents" | "version" | "changed">
> & { readonly documents?: Partial<ContractDocuments> };

/** Unix seconds of a moment, rounded down. */
export function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

/**
 * Applies an event. Returns the same object for a repeat. A sold contract gets its next version, max(last + 1, Unix ms); a bought one
 * carries the version of the seller's view. Units that were held before the contract became active are free again when it ends.
 * @throws ContractStateInvalidError if the state does not allow the event.
 */
export function applyEvent(
  contract: Contract,
  event: ContractEvent,
  at: Date,
  details: ContractDetails = {},
): Contract {
  const state = nextState(contract.role, contract.state, event);
  if (state === undefined) throw new ContractStateInvalidError(contract.contractID, contract.state, event);
  if (state === contract.state) return contract;
  const moved = withDetails({ ...contract, state, changed: seconds(at) }, details, at);
  if (!isEnded(state)) return moved;
  const ended = { ...moved, endedAt: seconds(at) };
  return contract.state === "ACTIVE" ? ended : freed(ended, at);
}

/** Changes a contract without changing its state; a sold one gets a new version, so that its buyer sees it. */
export function withDetails(contract: Contract, details: ContractDetails, at: Date): Contract {
  const { documents, ...rest } = details;
  const version = contract.role === "SELLER" ? nextVersion(contract.version, at) : contract.version;
  return { ...contract, version, ...rest, documents: { ...contract.documents, ...documents } };
}

/** The resources of an ended contract are back: its units can be sold again, each once. The same object if nothing was waited for. */
export function released(contract: Contract, at: Date): Contract {
  if (contract.isHolding) return freed(withDetails(contract, {}, at), at);
  return contract.isOverdue ? withDetails(contract, { isOverdue: false }, at) : contract;
}

/** Its units can be sold again although nobody knows whether its resources are back. The same object if none were held. */
export function releasedByForce(contract: Contract, at: Date): Contract {
  if (!contract.isHolding) return contract;
  return freed(withDetails(contract, { isReleasedByForce: true, isOverdue: true }, at), at);
}

function freed(contract: Contract, at: Date): Contract {
  return contract.isHolding ? { ...contract, isHolding: false, releasedAt: seconds(at) } : contract;
}

/** Versions rise even when the clock goes back. */
export function nextVersion(last: number, at: Date): number {
  return Math.max(last + 1, at.getTime());
}

/** The deadline of each state of a sold contract, and what passing it means. */
const DEADLINES: Readonly<
  Partial<
    Record<
      ContractState,
      readonly [deadline: "approveBy" | "reservedUntil" | "ackBy" | "validUntil", event: "LAPSED" | "ENDED"]
    >
  >
> = {
  PENDING_APPROVAL: ["approveBy", "LAPSED"],
  RESERVED: ["reservedUntil", "LAPSED"],
  CONFIRMED: ["ackBy", "LAPSED"],
  ACTIVE: ["validUntil", "ENDED"],
};

/** What has happened to a sold contract because a deadline has passed at `at`, whatever its stored state says; undefined while none has. */
export function expiryOf(contract: Contract, at: Date): "LAPSED" | "ENDED" | undefined {
  const [deadline, event] = DEADLINES[contract.state] ?? [];
  if (deadline === undefined) return undefined;
  const until = Math.min(contract[deadline] ?? Infinity, contract.validUntil ?? Infinity);
  return at.getTime() / 1000 >= until ? event : undefined;
}

/** The contract as the other party may see it. */
export function negotiationOf(contract: Contract, incarnation: string): Negotiation {
  const { documents } = contract;
  return {
    contractID: contract.contractID,
    state: contract.state,
    version: contract.version,
    incarnation,
    code: contract.code,
    message: contract.message,
    reservedUntil: contract.reservedUntil,
    terms: documents.terms,
    contract: contract.state === "CONFIRMING" ? null : documents.contract,
    activation: documents.activation,
    peering: contract.role === "SELLER" && contract.state === "ACTIVE" ? documents.peering : null,
    notice: documents.notice,
    validUntil: contract.validUntil,
    releasedAt: contract.releasedAt,
  };
}

/** How an id looks that was ended before it was known here. */
export function tombstoneView(contractID: string, version: number, incarnation: string, notice: string): Negotiation {
  const nothing = { code: null, message: null, reservedUntil: null, terms: null, contract: null, activation: null };
  return {
    ...nothing,
    contractID,
    state: "TERMINATED",
    version,
    incarnation,
    peering: null,
    notice,
    validUntil: null,
    releasedAt: null,
  };
}
