import type { PeeringTask } from "../../services/peerings/peering-ports.js";
import { tenantNamespace, tenantRoleBinding, type ConnectorAccount, type TenantPlace } from "../forge/handshake.js";
import { shown, type KubeAction, type Stage } from "./stages.js";
import { isOfAnother, type TenantView } from "./tenant-view.js";

/** What both sides look at where they make the place for a peer. */
export interface PlaceSeen {
  readonly task: PeeringTask;
  readonly view: TenantView;
  readonly account: ConnectorAccount | null;
}

/** Where the peer's objects stand. */
export function placeOf({ task: { peer }, view }: Pick<PlaceSeen, "task" | "view">): TenantPlace {
  const { clusterID, fingerprint } = peer;
  return { clusterID, fingerprint, namespace: view.namespace?.metadata.name ?? "" };
}

/** The stages that make the namespace of a peer and let the Connector into it. */
export function placeStages<Seen extends PlaceSeen>(peer: "customer" | "provider"): readonly Stage<Seen, KubeAction>[] {
  return [
    { name: "namespace", judge: (seen) => judgeNamespace(seen, peer) },
    { name: "access", judge: judgeAccess },
  ];
}

function judgeNamespace({ task, view }: PlaceSeen, peer: string): ReturnType<Stage<PlaceSeen, KubeAction>["judge"]> {
  const { namespace } = view;
  if (namespace === undefined) {
    const object = tenantNamespace(task.peer.clusterID, task.peer.fingerprint);
    return {
      status: "DOING",
      message: `The namespace of the ${peer} is being made.`,
      action: { do: "create", object },
    };
  }
  if (namespace.metadata.deletionTimestamp !== undefined)
    return {
      status: "DOING",
      message: "The namespace of an earlier peering is still being removed.",
      object: shown(namespace),
      late: "See which objects in it have finalizers, and why Liqo does not take them off.",
    };
  if (!isOfAnother(view, task.peer.fingerprint)) return "DONE";
  return {
    status: "FAILED",
    message: `There is a peering with another cluster that has the same id ${task.peer.clusterID}.`,
    whatToDo: "Take that one down first, or ask the two owners: one of them has to change its Liqo cluster id.",
    object: shown(namespace),
  };
}

function judgeAccess(seen: PlaceSeen): ReturnType<Stage<PlaceSeen, KubeAction>["judge"]> {
  if (seen.account === null || seen.view.binding !== undefined) return "DONE";
  const object = tenantRoleBinding(placeOf(seen), seen.account);
  return {
    status: "DOING",
    message: "The Connector lets itself into the namespace.",
    action: { do: "create", object },
  };
}
