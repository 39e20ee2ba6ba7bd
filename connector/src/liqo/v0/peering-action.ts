import type { Contract } from "../../domain/contract.js";
import type { PeeringReport, PeeringStep } from "../../services/peerings/peering-ports.js";
import type { KubeObject, ObjectRef } from "../kube/kube-api.js";

/** One change that a plan wants; applied in order, each safe to be repeated. */
export type PeeringAction =
  | { readonly kind: "create"; readonly object: KubeObject }
  | { readonly kind: "patch"; readonly ref: ObjectRef; readonly patch: object }
  | { readonly kind: "remove"; readonly ref: ObjectRef; readonly uid: string | undefined }
  /** Ask the provider for address and token, check them and write the token Secret. */
  | { readonly kind: "fetch-material"; readonly contract: Contract }
  /** Ask the provider to forget the older identity of this cluster. */
  | { readonly kind: "ask-for-new-identity"; readonly contract: Contract };

/** What is to be done now, and how things stand. */
export interface PeeringPlan {
  readonly actions: readonly PeeringAction[];
  readonly report: PeeringReport;
}

const NO_STEPS: readonly PeeringStep[] = [];

/** A report with everything left out that most plans have nothing to say about. */
export function reportOf(part: Pick<PeeringReport, "phase" | "message"> & Partial<PeeringReport>): PeeringReport {
  return { steps: NO_STEPS, whatToDo: null, conditions: [], released: [], state: null, retryAfterMs: null, ...part };
}

export function step(
  name: string,
  status: PeeringStep["status"],
  object: string | null = null,
  detail: string | null = null,
): PeeringStep {
  return { name, status, detail, object };
}
