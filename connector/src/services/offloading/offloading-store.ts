import type { Offloading } from "../../domain/offloading.js";
import type { PeeringUnit } from "../peerings/peering-store.js";

/** A contract with offloaded namespaces that ends soon. Unix seconds. */
export interface EndingOffload {
  readonly contractID: string;
  readonly validUntil: number;
  readonly providerName: string;
  readonly namespaces: readonly string[];
}

export interface OffloadingRepository {
  /** Of one contract, or all; by namespace and contractID. */
  list(contractID?: string): Promise<readonly Offloading[]>;
  /** Makes others that ask for the same namespace wait until the commit; by contractID. */
  ofNamespace(namespace: string): Promise<readonly Offloading[]>;
  /** Inserts or replaces. */
  save(offloading: Offloading): Promise<void>;
  remove(contractID: string, namespace: string): Promise<void>;
  /** Contracts in force with wanted offloadings that end after `now` and not after `until`, Unix seconds. */
  ending(now: number, until: number): Promise<readonly EndingOffload[]>;
  /** Remembers that a warning was given; false if it was before. */
  warn(contractID: string, days: number): Promise<boolean>;
}

/** The ledger, its peerings, and the namespaces that run on them. */
export interface OffloadingUnit extends PeeringUnit {
  readonly offloadings: OffloadingRepository;
}
