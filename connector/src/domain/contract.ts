import type { ContractRole, ContractState, ContractTerms, Party } from "@catalog/schema/contract";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import type { Offer, Plan } from "@catalog/schema/offer";

/** What a buyer asks for. Kept as it was sent first, because a retry must have the same content. Times in Unix seconds. */
export interface PurchaseRequest {
  readonly contractID: string;
  readonly offerID: string;
  readonly planID: string;
  readonly units: number;
  /** The terms that the buyer has seen: the seller refuses when its offer has moved on. */
  readonly termsRev: number;
  readonly validUntil: number | null;
  /** The contract that this one is to succeed. */
  readonly renews: string | null;
  readonly buyer: BuyerParty;
}

/** The buyer's half of the contract, without the fingerprint, which comes from the proof alone. */
export type BuyerParty = Omit<Party, "fingerprint">;

/** The signed documents of a contract, each exactly as it was made or received; null until it exists. */
export interface ContractDocuments {
  /** Terms signed by the seller (compact JWS), from RESERVED on. */
  readonly terms: string | null;
  /** Base64url SHA-256 of the payload of the terms: names them in `confirm` and `activate`. */
  readonly termsHash: string | null;
  /** The contract with both signatures (General JWS), from CONFIRMED on. */
  readonly contract: string | null;
  /** The buyer's receipt. */
  readonly receipt: string | null;
  /** The seller's activation, from ACTIVE on. */
  readonly activation: string | null;
  /** What Liqo needs to reach the seller, encrypted to the buyer; null where there is nothing to tell. */
  readonly peering: string | null;
  /** The notice that ended the contract. */
  readonly notice: string | null;
}

/** A contract as one of its two parties keeps it. Times in Unix seconds; null until they are known. */
export interface Contract {
  readonly contractID: string;
  readonly role: ContractRole;
  readonly state: ContractState;
  /** Fingerprint of the other party. */
  readonly counterparty: string;
  /** The other party's signing key when the contract was made. */
  readonly counterpartyKey: PublicJwk;
  /** The key under which a script asked for this purchase; buyer only. */
  readonly requestID: string | null;
  readonly request: PurchaseRequest;
  /** Base64url SHA-256 of the request in canonical form. */
  readonly requestHash: string;
  readonly buyer: Party;
  readonly seller: Party;
  /** Copy of the offer; null only for a refused request that named an unknown one. */
  readonly offer: Offer | null;
  readonly offerRev: number;
  readonly offerDigest: string;
  /** Numbers the seller's changes of this contract; 0 at a buyer who has had no answer yet. */
  readonly version: number;
  readonly incarnation: string;
  readonly documents: ContractDocuments;
  /** Why it was refused or ended. */
  readonly code: string | null;
  readonly message: string | null;
  readonly created: number;
  readonly changed: number;
  readonly validFrom: number | null;
  /** Last moment for the seller's admin to approve. */
  readonly approveBy: number | null;
  readonly reservedUntil: number | null;
  readonly ackBy: number | null;
  readonly activatedAt: number | null;
  readonly validUntil: number | null;
  readonly endedAt: number | null;
  /** When the resources were back and the stock was freed. */
  readonly releasedAt: number | null;
  /** Whether its units are counted in the seller's stock. */
  readonly isHolding: boolean;
  /** False while the other party has to be told that the contract ended. */
  readonly isToldOfEnd: boolean;
  /** Ended by the seller inside the notice period it had promised. */
  readonly isBreach: boolean;
  /** Brought back after a loss of the database; grants nothing until the admin confirms it. */
  readonly isRestored: boolean;
  /** Its units were freed by hand, before anybody knew that its resources were back. */
  readonly isReleasedByForce: boolean;
  /** Freed by hand, and its resources are still not known to be back. */
  readonly isOverdue: boolean;
}

/** One step in the history of a contract. */
export interface TimelineEntry {
  readonly contractID: string;
  readonly state: ContractState;
  /** Unix seconds. */
  readonly at: number;
  /** Who caused it: `admin…`, `peer <fingerprint>` or `connector`. */
  readonly actor: string;
  readonly code: string | null;
  readonly message: string | null;
}

export const NO_DOCUMENTS: ContractDocuments = {
  terms: null,
  termsHash: null,
  contract: null,
  receipt: null,
  activation: null,
  peering: null,
  notice: null,
};

/** The plan that was bought, from the copied offer; undefined only for a refused request that named an unknown one. */
export function planOf(contract: Pick<Contract, "offer" | "request">): Plan | undefined {
  return contract.offer?.plans.find((plan) => plan.planID === contract.request.planID);
}

/** Whether the contract is in force at `now`: active and not past its end, whatever a sweeper has done so far. Unix seconds. */
export function isInForce(contract: Pick<Contract, "state" | "validUntil">, now: number): boolean {
  return contract.state === "ACTIVE" && (contract.validUntil === null || now < contract.validUntil);
}

export type { ContractTerms, Party };
