import type { PeeringPhase, PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import type { Cidrs } from "../forge/network.js";
import { ClusterIDUnusableError } from "../forge/tenant-names.js";
import { isPassing, KubeConflictError, KubeError, KubeForbiddenError, KubeNotFoundError } from "../kube/kube.errors.js";
import type { KubeApi } from "../kube/kube-api.js";
import { fieldsOf, type KubeAction } from "./stages.js";

/** Most changes of one run; what is left comes with the next. */
export const ROUNDS_MAX = 40;

/** How soon it is looked whether an admin has repaired it, in ms. An API server that has just started refuses everything until it has read its roles. */
const REPAIR_MS = 5_000;

/** Does one thing. That it was done by somebody else meanwhile is no error: the next look shows what there is. */
export async function applyAction(kube: KubeApi, action: KubeAction): Promise<void> {
  try {
    if (action.do === "create") await kube.create(action.object);
    else if (action.do === "patch") await kube.mergePatch(action.ref, action.patch);
    else await kube.remove(action.ref, { uid: action.uid });
  } catch (error) {
    if (!(error instanceof KubeConflictError || error instanceof KubeNotFoundError)) throw error;
  }
}

/** The report for an error that does not pass by itself: of Kubernetes, or an id that cannot be used. @throws anything else again. */
export function reportOf(error: unknown, state: unknown): PeeringReport {
  if (error instanceof ClusterIDUnusableError)
    return failed(error.message, "Settle it with the other cluster's admin.", state);
  if (!(error instanceof KubeError) || isPassing(error)) throw error;
  // A RoleBinding that was made this moment holds a little later.
  const isNew = error instanceof KubeForbiddenError && error.call.resource === "secrets";
  const phase: PeeringPhase = isNew ? "CONNECTING" : "FAILED";
  return {
    phase,
    steps: [{ name: "cluster", status: isNew ? "DOING" : "FAILED", detail: error.message, object: error.call.object }],
    message: error.message,
    whatToDo: error.whatToDo,
    conditions: [],
    released: [],
    state,
    retryAfterMs: isNew ? 1_000 : REPAIR_MS,
  };
}

/** The report about a peering that has ended and of which nothing can ever have been made, because its id is no name of Kubernetes. */
export function neverThere({ ending, state }: PeeringTask): PeeringReport {
  const released = ending.map(({ contractID }) => contractID);
  const message = "Nothing of the peering is left: it could not be made with this cluster id.";
  return { phase: "GONE", steps: [], message, whatToDo: null, conditions: [], released, state, retryAfterMs: null };
}

/** This cluster's own address ranges as Liqo's address management has them; undefined until it does. */
export async function ownCidrs(kube: KubeApi, liqoNamespace: string): Promise<Cidrs | undefined> {
  const [pod, external] = await Promise.all(
    ["pod-cidr", "external-cidr"].map(async (name) => {
      const network = await kube.get({
        apiVersion: "ipam.liqo.io/v1alpha1",
        kind: "Network",
        namespace: liqoNamespace,
        name,
      });
      const { cidr } = fieldsOf(network?.status);
      return typeof cidr === "string" && cidr !== "" ? cidr : undefined;
    }),
  );
  return pod === undefined || external === undefined ? undefined : { pod: [pod], external: [external] };
}

function failed(message: string, whatToDo: string, state: unknown): PeeringReport {
  const steps = [{ name: "cluster", status: "FAILED" as const, detail: message, object: null }];
  return { phase: "FAILED", steps, message, whatToDo, conditions: [], released: [], state, retryAfterMs: null };
}
