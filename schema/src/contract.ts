import { CatalogError } from "./errors.js";
import type { PublicJwk } from "./documents/keys.js";
import type { CostPeriod } from "./money.js";
import type { Offer } from "./offer.js";
import type { ResourceList } from "./resource-list.js";

/** Where a contract stands. CONFIRMING exists on the buyer's side only. */
export const CONTRACT_STATES = [
  "REQUESTED",
  "PENDING_APPROVAL",
  "RESERVED",
  "CONFIRMING",
  "CONFIRMED",
  "ACTIVE",
  "REJECTED",
  "EXPIRED",
  "TERMINATED",
  "RENEWED",
] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];

/** The side of a contract on which one stands. */
export type ContractRole = "BUYER" | "SELLER";

/**
 * What can happen to a contract. The seller decides and the buyer learns of it from the seller's signed or authenticated
 * view, except for ACCEPTED (the buyer signs) and CANCELLED (either side).
 *
 * - DEFERRED: the request waits for the approval of the seller's admin.
 * - GRANTED: stock is taken and the terms are frozen and signed by the seller, at once or by approval.
 * - REFUSED: the seller does not sell.
 * - ACCEPTED: the buyer has compared the terms with what was approved, and signed them.
 * - COSIGNED: the contract carries both signatures.
 * - ACTIVATED: the seller holds the buyer's receipt and has signed the activation.
 * - LAPSED: a deadline before the activation has passed on the seller's clock.
 * - ENDED: validUntil has passed on the seller's clock.
 * - CANCELLED: one side has ended it with a signed notice.
 * - REPLACED: a renewal of it has become active.
 */
export const CONTRACT_EVENTS = [
  "DEFERRED",
  "GRANTED",
  "REFUSED",
  "ACCEPTED",
  "COSIGNED",
  "ACTIVATED",
  "LAPSED",
  "ENDED",
  "CANCELLED",
  "REPLACED",
] as const;
export type ContractEvent = (typeof CONTRACT_EVENTS)[number];

type Transitions = Readonly<Record<ContractState, Readonly<Partial<Record<ContractEvent, ContractState>>>>>;

/** An ended contract stays as it is, whatever is said about it later. */
const absorbing = (state: ContractState): Readonly<Partial<Record<ContractEvent, ContractState>>> =>
  Object.fromEntries(CONTRACT_EVENTS.map((event) => [event, state]));

const ENDED_STATES = {
  REJECTED: absorbing("REJECTED"),
  EXPIRED: absorbing("EXPIRED"),
  TERMINATED: absorbing("TERMINATED"),
  RENEWED: absorbing("RENEWED"),
} as const;

/**
 * The seller's rules; an event that a state does not name is refused, one that leads to the same state is a repeat. A request
 * that is being judged counts as REQUESTED; the seller stores only what comes out.
 */
export const SELLER_NEXT: Transitions = {
  REQUESTED: {
    DEFERRED: "PENDING_APPROVAL",
    GRANTED: "RESERVED",
    REFUSED: "REJECTED",
    LAPSED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  PENDING_APPROVAL: {
    DEFERRED: "PENDING_APPROVAL",
    GRANTED: "RESERVED",
    REFUSED: "REJECTED",
    LAPSED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  RESERVED: { GRANTED: "RESERVED", COSIGNED: "CONFIRMED", LAPSED: "EXPIRED", CANCELLED: "TERMINATED" },
  CONFIRMING: {},
  CONFIRMED: { COSIGNED: "CONFIRMED", ACTIVATED: "ACTIVE", LAPSED: "EXPIRED", CANCELLED: "TERMINATED" },
  ACTIVE: {
    COSIGNED: "ACTIVE",
    ACTIVATED: "ACTIVE",
    ENDED: "EXPIRED",
    CANCELLED: "TERMINATED",
    REPLACED: "RENEWED",
  },
  ...ENDED_STATES,
};

/** The buyer's rules. Before the activation it believes any refusal of the seller; after it nothing that falls short of it. */
export const BUYER_NEXT: Transitions = {
  REQUESTED: {
    DEFERRED: "PENDING_APPROVAL",
    GRANTED: "RESERVED",
    REFUSED: "REJECTED",
    LAPSED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  PENDING_APPROVAL: {
    DEFERRED: "PENDING_APPROVAL",
    GRANTED: "RESERVED",
    REFUSED: "REJECTED",
    LAPSED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  RESERVED: {
    GRANTED: "RESERVED",
    REFUSED: "REJECTED",
    ACCEPTED: "CONFIRMING",
    LAPSED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  CONFIRMING: {
    GRANTED: "CONFIRMING",
    REFUSED: "REJECTED",
    ACCEPTED: "CONFIRMING",
    COSIGNED: "CONFIRMED",
    LAPSED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  CONFIRMED: {
    REFUSED: "REJECTED",
    COSIGNED: "CONFIRMED",
    ACTIVATED: "ACTIVE",
    LAPSED: "EXPIRED",
    ENDED: "EXPIRED",
    CANCELLED: "TERMINATED",
  },
  ACTIVE: { ACTIVATED: "ACTIVE", ENDED: "EXPIRED", CANCELLED: "TERMINATED", REPLACED: "RENEWED" },
  ...ENDED_STATES,
};

/** A contract's state does not allow what was asked for. */
export class ContractStateInvalidError extends CatalogError {
  constructor(contractID: string, state: ContractState, attempted: string) {
    super("CONTRACT_STATE_INVALID", `Contract ${contractID} is ${state}, which does not allow ${attempted}.`, {
      contractID,
      state,
    });
  }
}

/** The state after `event`; the same state for a repeat; undefined if the state does not allow it. */
export function nextState(role: ContractRole, state: ContractState, event: ContractEvent): ContractState | undefined {
  return (role === "SELLER" ? SELLER_NEXT : BUYER_NEXT)[state][event];
}

/** Whether a contract has reached its end: it will never change again, but for the release of what it held. */
export function isEnded(state: ContractState): boolean {
  return Object.hasOwn(ENDED_STATES, state);
}

/**
 * Whether a contract of the seller holds units of its plan by its state alone. One that ended after it was ACTIVE goes on
 * holding them until they are released (releasedAt), and a renewal takes over those of its original when it becomes ACTIVE.
 */
export function holdsStock(state: ContractState): boolean {
  return state === "RESERVED" || state === "CONFIRMED" || state === "ACTIVE";
}

/** What the event was by which a seller's contract came to `state`: how a buyer reads the seller's view of it. */
export function eventOf(state: ContractState, before: ContractState): ContractEvent | undefined {
  if (state === "EXPIRED") return before === "ACTIVE" ? "ENDED" : "LAPSED";
  return EVENT_OF[state];
}

const EVENT_OF: Readonly<Partial<Record<ContractState, ContractEvent>>> = {
  PENDING_APPROVAL: "DEFERRED",
  RESERVED: "GRANTED",
  CONFIRMED: "COSIGNED",
  ACTIVE: "ACTIVATED",
  REJECTED: "REFUSED",
  TERMINATED: "CANCELLED",
  RENEWED: "REPLACED",
};

/** What an admin may do with a contract; everything else happens by itself. */
export type ContractAction = "APPROVE" | "REJECT" | "TERMINATE";

/** The actions that the admin of one side may take in a state, the most usual first. */
export function allowedActions(role: ContractRole, state: ContractState): readonly ContractAction[] {
  if (isEnded(state)) return [];
  return role === "SELLER" && state === "PENDING_APPROVAL" ? ["APPROVE", "REJECT"] : ["TERMINATE"];
}

/** One entry of a contract's timeline. */
export interface ContractChange {
  readonly state: ContractState;
  /** Unix seconds, on the clock of the side that keeps the timeline. */
  readonly at: number;
  /** Who caused it: a side, or the CLOCK where a deadline passed. */
  readonly by: ContractRole | "CLOCK";
  /** The refusal's code or the words of who ended it. */
  readonly reason: string | null;
}

/** One side of a contract, as frozen in its terms. */
export interface Party {
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly prettyName: string;
  readonly contractEndpoint: string;
  /** X25519 key to which the peering material of this contract is encrypted. */
  readonly encKey: PublicJwk;
  readonly liqo: { readonly mode: string; readonly version: string | null; readonly publicKey?: string };
}

/** What both sides sign, frozen when the seller reserves. Times are Unix seconds on the seller's clock. */
export interface ContractTerms {
  readonly v: 1;
  readonly contractID: string;
  /** The contract that this one renews. */
  readonly renews?: string;
  readonly buyer: Party;
  readonly seller: Party;
  /** Copy of the offer as it was. */
  readonly offer: Offer;
  readonly offerRev: number;
  readonly termsRev: number;
  /** Digest of the signed offer document. */
  readonly offerDigest: string;
  readonly planID: string;
  readonly units: number;
  /** Per unit, as in the plan. */
  readonly resources: ResourceList;
  /** Per unit and period. */
  readonly cost: number;
  readonly currency: string;
  readonly period: CostPeriod;
  /** Seconds. */
  readonly noticePeriod?: number;
  readonly validFrom: number;
  readonly validUntil?: number;
  /** Until when the buyer has to confirm. */
  readonly reservedUntil: number;
  /** Until when the buyer has to activate. */
  readonly ackBy: number;
}
