import { isOurs } from "../forge/tenant-labels.js";
import type { KubeObject } from "../kube/kube-api.js";
import { removal, shown, type KubeAction, type Stage } from "./stages.js";
import type { TenantView } from "./tenant-view.js";

/** What both sides look at when they take down. */
export interface TakeDownSeen {
  readonly view: TenantView;
}

/** Whether this cluster also buys from the peer: its objects stand in the same namespace. */
export function buysHere(view: TenantView): boolean {
  return view.identities.length > 0 || view.ownSlices.length > 0;
}

/** Whether the peer also buys from this cluster. */
export function sellsHere(view: TenantView): boolean {
  return view.tenants.length > 0 || view.customerSlices.length > 0;
}

/** A stage that removes objects of ours and waits until they are gone; others are left alone. */
export function removing<Seen extends TakeDownSeen>(
  name: string,
  find: (seen: Seen) => readonly (KubeObject | undefined)[],
  late: string,
): Stage<Seen, KubeAction> {
  return {
    name,
    judge: (seen) => {
      const object = find(seen).find((one) => one !== undefined && isOurs(one));
      if (object === undefined) return "DONE";
      const message = `${shown(object)} is being removed.`;
      if (object.metadata.deletionTimestamp !== undefined)
        return { status: "DOING", message, object: shown(object), late };
      return { status: "DOING", message, object: shown(object), action: removal(object) };
    },
  };
}

/** Namespace and access of a peer, as far as they are ours and nothing of the other direction, or of somebody else, is in them. */
export function placeRemoved<Seen extends TakeDownSeen>(isStillUsed: (seen: Seen) => boolean): Stage<Seen, KubeAction> {
  const late = "See which objects in the namespace have finalizers, and why Liqo does not take them off.";
  return removing<Seen>(
    "namespace",
    (seen) => {
      const { namespace, binding } = seen.view;
      if (isStillUsed(seen) || namespace === undefined) return [];
      return isOurs(namespace) ? [namespace] : [binding];
    },
    late,
  );
}
