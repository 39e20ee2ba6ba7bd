import { isEnded } from "@catalog/schema/contract";
import { isInForce, type Contract } from "../../domain/contract.js";
import type { PeeringSide, PeeringTask } from "./peering-ports.js";
import type { Peering } from "./peering-store.js";

/** The id of the peering that a contract entitles to: all contracts with the same party on the same side share one. */
export function peeringIDOf(contract: Pick<Contract, "role" | "counterparty">): string {
  return `${sideOf(contract).toLowerCase()}-${contract.counterparty}`;
}

/** A bought contract makes this cluster the customer. */
export function sideOf({ role }: Pick<Contract, "role">): PeeringSide {
  return role === "BUYER" ? "CUSTOMER" : "PROVIDER";
}

/** A peering that does not exist yet, with the party that the contract names. */
export function newPeering(contract: Contract, isWanted: boolean, now: number): Peering {
  const { fingerprint, clusterID, clusterName, prettyName, liqo } =
    contract.role === "BUYER" ? contract.seller : contract.buyer;
  return {
    peeringID: peeringIDOf(contract),
    side: sideOf(contract),
    peer: { fingerprint, clusterID, clusterName, prettyName, liqo },
    isWanted,
    hasNetwork: false,
    state: null,
    report: null,
    lastError: null,
    lastErrorObject: null,
    otherSide: null,
    phaseSince: now,
    progressed: now,
    created: now,
    changed: now,
  };
}

/** What a driver is asked to bring about. Restored contracts entitle to nothing before the admin has confirmed them. */
export function taskOf(
  peering: Peering,
  contracts: readonly Contract[],
  facts: {
    readonly now: number;
    readonly isAllowed: boolean;
    /** With the same party, the other way round. */
    readonly otherContracts: readonly Contract[];
  },
): PeeringTask {
  const counts = (contract: Contract): boolean => isInForce(contract, facts.now) && !contract.isRestored;
  const inForce = contracts.filter(counts);
  return {
    side: peering.side,
    peer: peering.peer,
    contracts: inForce,
    ending: contracts.filter((contract) => isEnded(contract.state) && (contract.isHolding || contract.isOverdue)),
    wanted: peering.side === "PROVIDER" ? inForce.length > 0 : peering.isWanted && inForce.length > 0,
    network: peering.hasNetwork,
    isAllowed: facts.isAllowed,
    isOtherUp: facts.otherContracts.some(counts),
    state: peering.state,
  };
}

/** Whether nothing is left to be done for this peering until a new contract comes. */
export function isOver(peering: Peering, contracts: readonly Contract[]): boolean {
  return contracts.length === 0 && peering.report?.phase === "GONE";
}
