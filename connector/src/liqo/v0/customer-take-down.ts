import type { PeeringTask } from "../../services/peerings/peering-ports.js";
import { forgetOutgoing, foreignClusterRef, handOverToLiqo, stopReachingOut } from "../forge/foreign-cluster.js";
import { conditionStatus, diagnoseOutgoing } from "../forge/peering-conditions.js";
import { tokenSecretRef } from "../forge/token-secret.js";
import { describeRef } from "../kube/kinds.js";
import {
  type CustomerObservation,
  type CustomerState,
  customerStateOf,
  LOOK_AGAIN_MS,
} from "./customer-observation.js";
import type { ForeignClusterView } from "./foreign-cluster-view.js";
import { type PeeringAction, type PeeringPlan, reportOf, step } from "./peering-action.js";

/** First the peering, then the ForeignCluster, the token last: Liqo needs it until it has logged out. */
export function planDown(task: PeeringTask, seen: CustomerObservation): PeeringPlan {
  const { clusterID } = task.peer;
  const state = customerStateOf(task.state);
  const ours = seen.foreignClusters.filter(
    (cluster) => cluster.clusterID === clusterID && (cluster.maker === "CONNECTOR" || cluster.outgoingBefore !== null),
  );
  const pending = ours.map((cluster) => downOne(cluster));
  const object = ours[0] === undefined ? null : describeRef(foreignClusterRef(ours[0].name));
  if (pending.length > 0) {
    const diagnosis = diagnoseOutgoing(ours[0]?.conditions ?? []);
    const isWaiting = pending.every((action) => action === undefined);
    return {
      actions: pending.filter((action) => action !== undefined),
      report: reportOf({
        phase: "TAKING_DOWN",
        message: isWaiting
          ? ours[0]?.isDeleting === true
            ? "Liqo is removing the ForeignCluster."
            : diagnosis.message
          : "The peering is being taken down.",
        whatToDo: isWaiting
          ? "Nothing, while the provider's cluster can be reached; otherwise it ends when that cluster is back."
          : null,
        steps: [
          step("End of the outgoing peering", "DOING", object),
          step("Token removed", "TODO", describeRef(tokenSecretRef(seen.liqoNamespace, clusterID))),
        ],
        conditions: ours[0]?.conditions ?? [],
        state,
        retryAfterMs: LOOK_AGAIN_MS,
      }),
    };
  }
  return downToken(seen, clusterID, state);
}

/** Undefined: Liqo has to do something first. */
function downOne(cluster: ForeignClusterView): PeeringAction | undefined {
  const ref = foreignClusterRef(cluster.name);
  if (cluster.isDeleting) return undefined;
  if (cluster.outgoing !== "No") return { kind: "patch", ref, patch: stopReachingOut() };
  if (conditionStatus(cluster.conditions, "OutgoingPeering") !== "None") return undefined;
  if (cluster.maker !== "CONNECTOR")
    return { kind: "patch", ref, patch: forgetOutgoing(cluster.outgoingBefore ?? "No") };
  if (conditionStatus(cluster.conditions, "IncomingPeering") === "None")
    return { kind: "remove", ref, uid: cluster.uid };
  return { kind: "patch", ref, patch: handOverToLiqo() };
}

function downToken(seen: CustomerObservation, clusterID: string, state: CustomerState): PeeringPlan {
  const { token } = seen;
  const ref = tokenSecretRef(seen.liqoNamespace, clusterID);
  if (token?.isOwned !== true)
    return {
      actions: [],
      report: reportOf({ phase: "GONE", message: "Nothing of this peering is left here.", state: null }),
    };
  return {
    actions: token.isDeleting ? [] : [{ kind: "remove", ref, uid: token.uid }],
    report: reportOf({
      phase: "TAKING_DOWN",
      message: "The provider's token is being removed.",
      steps: [step("End of the outgoing peering", "DONE"), step("Token removed", "DOING", describeRef(ref))],
      state,
      retryAfterMs: LOOK_AGAIN_MS,
    }),
  };
}
