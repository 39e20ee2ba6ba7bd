import type { PeeringStep, PeeringTask } from "../../services/peerings/peering-ports.js";
import { foreignClusterRef } from "../forge/foreign-cluster.js";
import type { PeeringDiagnosis } from "../forge/peering-conditions.js";
import { tokenSecretRef } from "../forge/token-secret.js";
import { describeRef } from "../kube/kinds.js";
import type { CustomerObservation, NodeReadiness, TokenView } from "./customer-observation.js";
import type { ForeignClusterView } from "./foreign-cluster-view.js";
import { step } from "./peering-action.js";

/** A token with everything that a ForeignCluster needs. */
export type UsableToken = TokenView & {
  readonly authUrl: string;
  readonly clusterName: string;
  readonly digest: string;
  readonly contractID: string;
};

/** Whether a ForeignCluster can be made from it. */
export function isUsable(token: TokenView | null): token is UsableToken {
  return (
    token !== null &&
    !token.isDeleting &&
    token.authUrl !== null &&
    token.clusterName !== null &&
    token.digest !== null &&
    token.contractID !== null
  );
}

/** Whether pods can go there, as far as can be seen. */
export function isNodeUsable(node: NodeReadiness): boolean {
  return node === "READY" || node === "UNKNOWN";
}

/** How many of the last three steps a finding means to be done. */
const DONE_AFTER: Readonly<Partial<Record<PeeringDiagnosis["finding"], number>>> = {
  AUTHENTICATING: 0,
  IDENTITY_LOST: 0,
  IDENTITY_REFUSED: 0,
  WAITING_FOR_PROVIDER: 1,
  NETWORK: 1,
  ESTABLISHED: 2,
};

/** The way from the contract to usable resources, and how far it has been gone. */
export function stepsOf(
  task: PeeringTask,
  seen: CustomerObservation,
  cluster: ForeignClusterView | undefined,
  diagnosis: PeeringDiagnosis,
): PeeringStep[] {
  const secret = describeRef(tokenSecretRef(seen.liqoNamespace, task.peer.clusterID));
  const object = cluster === undefined ? null : describeRef(foreignClusterRef(cluster.name));
  const failure = seen.materialFailure;
  const done = DONE_AFTER[diagnosis.finding] ?? 0;
  const isFaulty = diagnosis.whatToDo !== null && diagnosis.finding !== "WAITING_FOR_PROVIDER";
  const current = isFaulty ? "FAILED" : "DOING";
  const material =
    failure === null ? (isUsable(seen.token) ? "DONE" : "DOING") : failure.isDefinitive ? "FAILED" : "WAITING";
  return [
    step(
      "Own address for peers",
      seen.own.authUrl === null ? "WAITING" : "DONE",
      `Service ${seen.liqoNamespace}/liqo-auth`,
      seen.own.problem?.message ?? null,
    ),
    step("Address and token from the provider", material, secret, failure?.message ?? null),
    step("ForeignCluster", cluster === undefined ? "TODO" : cluster.isDeleting ? "WAITING" : "DONE", object),
    step(
      "Login at the provider",
      cluster === undefined ? "TODO" : done > 0 ? "DONE" : current,
      object,
      done > 0 ? null : diagnosis.message,
    ),
    step(
      "Provider accepts",
      done > 1 ? "DONE" : done === 1 ? (isFaulty ? "FAILED" : "WAITING") : "TODO",
      object,
      done === 1 ? diagnosis.message : null,
    ),
    step(
      "Virtual node ready",
      done < 2 ? "TODO" : isNodeUsable(seen.node) ? "DONE" : "WAITING",
      null,
      seen.node === "UNKNOWN" ? "The Connector may not look at nodes." : null,
    ),
  ];
}
