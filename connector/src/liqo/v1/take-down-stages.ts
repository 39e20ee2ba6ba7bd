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

/** Namespace and access of a peer, as far as they are ours; the namespace only where nobody uses it any more, the access where we do not. */
export function placeRemoved<Seen extends TakeDownSeen>(isUsed: {
  readonly byAnybody: (seen: Seen) => boolean;
  readonly byUs: (seen: Seen) => boolean;
}): Stage<Seen, KubeAction> {
  const late = "See which objects in the namespace have finalizers, and why Liqo does not take them off.";
  return removing<Seen>(
    "namespace",
    (seen) => {
      const { namespace, binding } = seen.view;
      if (namespace === undefined || isUsed.byUs(seen)) return [];
      return isOurs(namespace) && !isUsed.byAnybody(seen) ? [namespace] : [binding];
    },
    late,
  );
}
