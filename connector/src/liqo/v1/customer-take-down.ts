import type { CustomerAction, CustomerSeen, CustomerStage } from "./customer-seen.js";
import { isOurs } from "../forge/tenant-labels.js";
import { CUSTOMER_HALF_REMOVED } from "./network-stages.js";
import { fieldsOf, planOf, shown, type Plan } from "./stages.js";
import type { KubeObject } from "../kube/kube-api.js";
import { buysHere, placeRemoved, removing, sellsHere } from "./take-down-stages.js";
import { isOfAnother, shownConditions } from "./tenant-view.js";

const AWAY =
  "The provider's API server has to be reachable for this. If it never will be again, set the annotation liqo.io/foreign-cluster-permanently-unreachable=true on its ForeignCluster.";

/** Liqo removes them by itself, as long as the provider lets this cluster in. */
function goneByLiqo(name: string, find: (seen: CustomerSeen) => readonly KubeObject[], late: string): CustomerStage {
  return {
    name,
    judge: (seen) => {
      const [object] = find(seen);
      if (object === undefined) return "DONE";
      return { status: "DOING", message: `Liqo is removing ${shown(object)}.`, object: shown(object), late };
    },
  };
}

/** Whether an Identity stands that opens the provider's API; one by hand stays, and with it its renewals. */
function isLetIn({ view }: CustomerSeen): boolean {
  return view.identities.some(({ spec }) => fieldsOf(spec)["type"] === "ControlPlane");
}

const STAGES: readonly CustomerStage[] = [
  removing<CustomerSeen>("slice", ({ view }) => view.ownSlices, AWAY),
  goneByLiqo(
    "node",
    ({ view, remains }) => (view.ownSlices.length > 0 ? [] : remains.nodes),
    "Look at the finalizers of the object, and check that Liqo's controller manager and virtual kubelet run.",
  ),
  removing<CustomerSeen>("identity", ({ view }) => view.identities, "Look at the finalizers of the Identity."),
  goneByLiqo("renewal", (seen) => (isLetIn(seen) ? [] : seen.remains.renewals), AWAY),
  CUSTOMER_HALF_REMOVED,
  removing<CustomerSeen>("signature", ({ view }) => [view.signedNonce], ""),
  {
    name: "provider",
    judge: ({ answers }) =>
      answers.ended === undefined
        ? {
            status: "WAITING",
            message: "The provider is told that this side is down.",
            action: { do: "ask", message: { type: "ended" } },
          }
        : "DONE",
  },
  placeRemoved<CustomerSeen>({
    byAnybody: ({ view }) => sellsHere(view) || buysHere(view),
    byUs: ({ view, task }) =>
      task.isOtherUp || [...view.tenants, view.nonce].some((one) => one !== undefined && isOurs(one)),
  }),
];

/** What is to be done next until nothing of ours is left on the customer's side. Pure. */
export function planCustomerDown(seen: CustomerSeen): Plan<CustomerAction> {
  const { task, view, now, patienceMs, waits } = seen;
  // What stands there for another identity with the same id is not ours to remove.
  const plan = planOf(isOfAnother(view, task.peer.fingerprint) ? [] : STAGES, seen, {
    direction: "DOWN",
    now,
    patienceMs,
    waits,
    conditions: shownConditions(view.ownSlices),
    done: {
      phase: "GONE",
      message: task.contracts.length > 0 ? "Not connected, as the admin wishes." : "Nothing of the peering is left.",
    },
    released: [],
  });
  const isGone = plan.report.phase === "GONE";
  return {
    ...plan,
    report: { ...plan.report, released: isGone ? task.ending.map(({ contractID }) => contractID) : [] },
  };
}
