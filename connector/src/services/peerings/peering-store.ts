import type { ContractRole } from "@catalog/schema/contract";
import type { Contract } from "../../domain/contract.js";
import type { LedgerUnit } from "../contracts/ledger-ports.js";
import type { DriverState, PeeringPeer, PeeringPhase, PeeringReport, PeeringSide } from "./peering-ports.js";
import type { OtherSide } from "./side-view.js";

/** A peering as it is kept: what the admin wants, what the driver remembers and what it last reported. Times in Unix seconds. */
export interface Peering {
  readonly peeringID: string;
  readonly side: PeeringSide;
  readonly peer: PeeringPeer & { readonly prettyName: string };
  /** False once the admin has taken it down while contracts are still in force. */
  readonly isWanted: boolean;
  /** Liqo 1.x: connect the networks too. */
  readonly hasNetwork: boolean;
  readonly state: DriverState;
  /** Null before the driver has looked at it. */
  readonly report: Omit<PeeringReport, "state" | "retryAfterMs" | "released"> | null;
  /** Why the last attempt failed for a reason that passes; null after a success. */
  readonly lastError: string | null;
  /** What that error is about: `Kind namespace/name`. */
  readonly lastErrorObject: string | null;
  /** What the other party last told of its half; null before it has. */
  readonly otherSide: OtherSide | null;
  /** Since when it is in the phase that the report tells. */
  readonly phaseSince: number;
  /** When a step of it last got further, or back. */
  readonly progressed: number;
  readonly created: number;
  readonly changed: number;
}

/** One step in the history of a peering. */
export interface PeeringEvent {
  readonly peeringID: string;
  readonly at: number;
  /** Who caused it: `admin…`, `peer <fingerprint>` or `connector`. */
  readonly actor: string;
  readonly phase: PeeringPhase;
  readonly message: string;
}

export interface PeeringRepository {
  /** Locks the peering until the commit. */
  find(peeringID: string): Promise<Peering | undefined>;
  /** Newest first. */
  list(): Promise<readonly Peering[]>;
  /** The ids of those with that cluster. */
  idsWith(clusterID: string): Promise<readonly string[]>;
  /** Inserts or replaces. */
  save(peering: Peering): Promise<void>;
  /** Keeps the newest few hundred of each peering. */
  addEvent(event: PeeringEvent): Promise<void>;
  /** Oldest first. */
  events(peeringID: string): Promise<readonly PeeringEvent[]>;
  /** Contracts with that party that are active, or ended without their resources being back, freed by hand or not. */
  contractsWith(role: ContractRole, counterparty: string): Promise<readonly Contract[]>;
  /** The same with every party. */
  contracts(): Promise<readonly Contract[]>;
  /** One contract of each pair of role and counterparty that has such contracts. */
  representatives(): Promise<readonly Contract[]>;
}

/** The ledger, and the peerings that its contracts entitle to. */
export interface PeeringUnit extends LedgerUnit {
  readonly peerings: PeeringRepository;
}
