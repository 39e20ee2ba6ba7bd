import type { Contract } from "../../domain/contract.js";

/** Which half of a peering: the customer reaches out, the provider lets in. Two clusters may peer in both directions at once. */
export type PeeringSide = "CUSTOMER" | "PROVIDER";

/** What a driver keeps between two runs; JSON, stored as it is, null at first. */
export type DriverState = unknown;

/** The other cluster of a peering, as contracts and its descriptor name it. */
export interface PeeringPeer {
  readonly fingerprint: string;
  /** Liqo's id of the cluster. */
  readonly clusterID: string;
  readonly clusterName: string;
  readonly liqo: { readonly mode: string; readonly version: string | null; readonly publicKey?: string };
}

/** One peer cluster and everything that contracts say about it on one side. A driver is given this again and again until nothing is left to do. */
export interface PeeringTask {
  readonly side: PeeringSide;
  readonly peer: PeeringPeer;
  /** In force, and entitling to this peering now; none: it is to be taken down. */
  readonly contracts: readonly Contract[];
  /** Ended, and the resources are not back yet. */
  readonly ending: readonly Contract[];
  /** CUSTOMER: whether the admin wants it. PROVIDER: true while `contracts` is not empty. */
  readonly wanted: boolean;
  /** Liqo 1.x: connect the networks too. */
  readonly network: boolean;
  /** PROVIDER: the peer has an allowance by the admin beside its contracts, so what lets it in stays when they end. */
  readonly isAllowed: boolean;
  /** Whether contracts in force the other way round need what both halves share. */
  readonly isOtherUp: boolean;
  readonly state: DriverState;
}

/** WAITING: for something outside; FAILED: an admin has to do something. */
export type PeeringPhase = "WAITING" | "CONNECTING" | "ESTABLISHED" | "TAKING_DOWN" | "GONE" | "FAILED";

export type PeeringStepStatus = "DONE" | "DOING" | "WAITING" | "TODO" | "FAILED";

export interface PeeringStep {
  readonly name: string;
  readonly status: PeeringStepStatus;
  readonly detail: string | null;
  /** What to look at: `Kind namespace/name`. */
  readonly object: string | null;
}

/** A condition as Liqo shows it, without secrets. */
export interface PeeringCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Where a peering stands after a run. */
export interface PeeringReport {
  readonly phase: PeeringPhase;
  readonly steps: readonly PeeringStep[];
  /** One sentence for an admin, without secrets. */
  readonly message: string;
  readonly whatToDo: string | null;
  readonly conditions: readonly PeeringCondition[];
  /** Ids of the ended contracts whose resources are back. */
  readonly released: readonly string[];
  readonly state: DriverState;
  /** When to look again at the latest, even if nothing wakes the reconciler; null: at the next periodic look. */
  readonly retryAfterMs: number | null;
}

/** The largest message of `exchangePeering`, in characters. */
export const MAX_MESSAGE = 32_768;

/** A message of `exchangePeering`: JSON with a `type`, at most {@link MAX_MESSAGE}, validated by whoever reads it. */
export interface PeeringMessage {
  readonly type: string;
  readonly [member: string]: unknown;
}

/**
 * How the customer's driver asks the provider's: bound to one contract, authenticated by the request proof.
 * @throws CatalogError of the peer, or a transient one when there was no answer.
 */
export type PeeringExchange = (contract: Contract, message: PeeringMessage) => Promise<PeeringMessage>;

/** Takes one peering up and down in the cluster; one adapter for each generation of Liqo. */
export interface PeeringDriver {
  readonly mode: string;
  /** Does what can be done now. Idempotent, and safe to be interrupted anywhere. Throws only for what passes by itself. */
  reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport>;
  /**
   * The provider's side of `exchangePeering`: `contract` is in force, sold here, and the caller is its buyer.
   * @throws CatalogError, which the buyer gets.
   */
  answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }>;
  /** Names the peers whose objects changed, until the signal aborts. */
  watch(onChange: (clusterID: string) => void, signal: AbortSignal): Promise<void>;
}
