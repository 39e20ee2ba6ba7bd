import type { ResourceList } from "@catalog/schema/resource-list";
import type { NodePool } from "../../domain/node-pools.js";

/** The cluster as it was measured. */
export interface Measured {
  readonly pools: readonly NodePool[];
  /** What resources of offers are called there; others keep their names. */
  readonly resourceNames: Readonly<Record<string, string>>;
}

/** What is known of the cluster's capacity, and what the admin wants of it. Times in Unix seconds. */
export interface CapacityState {
  /** Nothing is sold or offered beyond what exists, DECLARED offers included. */
  readonly isRefusing: boolean;
  /** Null before the first time. It counts until `validUntil`. */
  readonly measured: Measured | null;
  readonly measuredAt: number | null;
  readonly validUntil: number | null;
  /** Why the last attempt to measure has failed; null if it has not. */
  readonly problem: string | null;
}

/** Units that other clusters hold or are allowed. */
export interface HeldUnits {
  /** Liqo's id of the cluster. */
  readonly clusterID: string;
  /** Labels of the offer that they were bought from. */
  readonly labels: Readonly<Record<string, string>>;
  /** What one unit gives, as written in the offer. */
  readonly resources: ResourceList;
  readonly units: number;
}

export interface CapacityRepository {
  state(): Promise<CapacityState>;
  /** The admin's word alone. */
  isRefusing(): Promise<boolean>;
  /** The state, of which every other caller of this waits until the commit: sales that must not exceed it follow each other. */
  lock(): Promise<CapacityState>;
  setRefusing(isRefusing: boolean): Promise<void>;
  /** @param validUntil Unix seconds. */
  saveMeasured(measured: Measured, validUntil: number): Promise<void>;
  saveProblem(problem: string): Promise<void>;
  /** What sold contracts hold, added up by cluster, labels and resources. */
  held(): Promise<readonly HeldUnits[]>;
  /** Ids of the MEASURED offers that are not withdrawn. */
  measuredOffers(): Promise<readonly string[]>;
}
