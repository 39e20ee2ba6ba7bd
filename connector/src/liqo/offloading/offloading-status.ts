import type { NamespaceReport, NamespaceTask } from "../../services/offloading/offloading-ports.js";
import { redacted } from "../forge/redaction.js";
import type { KubeObject } from "../kube/kube-api.js";

/** What Liqo writes: `status` of a NamespaceOffloading, all versions; `observedGeneration` from 0.10 on. */
interface Status {
  readonly offloadingPhase?: unknown;
  readonly remoteNamespaceName?: unknown;
  readonly remoteNamespacesConditions?: unknown;
  readonly observedGeneration?: unknown;
}

const PODS_STAY =
  "Pods that were there before are not moved: make them again, for example with kubectl rollout restart, to have them placed anew.";
/** Most of Liqo's own words that are told, in characters. */
const MAX_WORDS = 400;

/** Liqo's words about an object that is as it should be, in ours. */
export function statusReport(task: NamespaceTask, object: KubeObject): NamespaceReport {
  const status = (object.status ?? {}) as Status;
  const names = [...new Set(task.targets.map((target) => target.providerName))].join(" and ");
  const settled = { whatToDo: null, isSettled: true, retryAfterMs: null };
  const { generation } = object.metadata;
  if (
    typeof status.observedGeneration === "number" &&
    generation !== undefined &&
    status.observedGeneration < generation
  )
    return { ...settled, phase: "WAITING", message: "Liqo has not looked at the change yet." };
  switch (status.offloadingPhase) {
    case "Ready":
      return { ...settled, phase: "READY", message: readyMessage(task, status, names) };
    case "NoClusterSelected":
      return {
        ...settled,
        phase: "WAITING",
        message: `No virtual node of ${names} is there (yet).`,
        whatToDo: "Nothing while its peering is being made; see peerings otherwise.",
      };
    case "SomeFailed":
    case "AllFailed":
      return {
        ...settled,
        phase: "FAILED",
        message: `The namespace could not be made at ${names}: ${failures(status)}`,
        whatToDo:
          "See the conditions of the NamespaceOffloading. With mapping ENFORCE_SAME_NAME or SELECTED_NAME a namespace of that name may exist there already: stop it and use DEFAULT_NAME.",
      };
    case "Terminating":
      return { ...settled, phase: "WAITING", message: "Liqo is taking the former one back." };
    default:
      return { ...settled, phase: "WAITING", message: `Liqo makes the namespace at ${names}. ${PODS_STAY}` };
  }
}

function readyMessage({ shape }: NamespaceTask, status: Status, names: string): string {
  if (shape.strategy === "LOCAL")
    return `Pods stay here; the services of the namespace are known at ${names}. ${PODS_STAY}`;
  const { remoteNamespaceName: name } = status;
  const called = typeof name === "string" && name !== "" ? `, in namespace ${name.slice(0, 63)} there` : "";
  const where = shape.strategy === "REMOTE" ? `run at ${names}` : `run here or at ${names}`;
  return `Pods that are made from now on ${where}${called}. ${PODS_STAY}`;
}

/** The messages of every condition that is not fulfilled. */
function failures({ remoteNamespacesConditions }: Status): string {
  const all = Object.values((remoteNamespacesConditions ?? {}) as Record<string, unknown>).flat() as readonly {
    readonly status?: unknown;
    readonly message?: unknown;
  }[];
  const words = all
    .filter((condition) => condition?.status !== "True" && typeof condition?.message === "string")
    .map((condition) => String(condition.message));
  return redacted([...new Set(words)].join("; ")).slice(0, MAX_WORDS) || "Liqo gives no reason.";
}
