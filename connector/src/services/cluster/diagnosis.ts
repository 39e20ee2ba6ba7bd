import type { ClusterParameters } from "@catalog/schema/catalog";
import type { BrokerState } from "../brokers/broker.service.js";
import type { ClusterSafety } from "../ports.js";
import type { CapacityFinding } from "./capacity.service.js";
import type { DeclarationReport } from "../declarations/declaration-ports.js";
import type { LedgerFindings } from "./ledger-findings.service.js";

export const SEVERITIES = ["INFO", "WARNING", "ERROR"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One check and what it found. */
export interface Diagnosis {
  readonly check: string;
  readonly ok: boolean;
  readonly severity: Severity;
  readonly message: string;
  readonly whatToDo: string | null;
}

/** What a Broker said about the own contract endpoint; null if it could not be asked. */
export interface ProbeFinding {
  readonly brokerName: string;
  readonly reachable: boolean | null;
  readonly message: string | null;
}

/** Everything that the checks look at. */
export interface Facts {
  readonly isDatabaseThere: boolean;
  readonly contractEndpoint: string | null;
  readonly isInitialised: boolean;
  readonly brokers: readonly BrokerState[];
  /** brokerID → seconds by which that Broker's clock is ahead of ours. */
  readonly clockOffsets: ReadonlyMap<string, number>;
  readonly probes: readonly ProbeFinding[];
  /** Null while the driver cannot tell. */
  readonly parameters: ClusterParameters | null;
  readonly liqo: { readonly mode: string; readonly version: string | null };
  readonly safety: ClusterSafety;
  readonly plugin: PluginFacts;
  readonly offersListed: number;
  /** Null while the database is away. */
  readonly capacity: CapacityFinding | null;
  readonly ledger: LedgerFindings;
  /** Null where nothing is declared. */
  readonly declarations: DeclarationReport | null;
}

/** How the gRPC plugin stands. */
export interface PluginFacts {
  readonly wire: string;
  readonly subscribers: number;
}
