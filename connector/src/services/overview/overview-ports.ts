import type { Contract } from "../../domain/contract.js";

/** Contracts as the overview looks at them. Unix seconds. */
export interface OverviewReader {
  /** At most `first` contracts that were ever in force and not over before `from`, with ids above `after`, by id. */
  costing(from: number, after: string, first: number): Promise<readonly Contract[]>;
  /** Contracts in force, at most `first`, by id. */
  active(first: number): Promise<readonly Contract[]>;
  /** Requests that wait for this cluster's admin, oldest first. */
  waiting(first: number): Promise<readonly Contract[]>;
  /** Contracts in force that end before `before`, the next to end first. */
  expiring(before: number, first: number): Promise<readonly Contract[]>;
}
