import type {
  NamespaceReport,
  NamespaceTask,
  OffloadingByHand,
  OffloadingDriver,
} from "../../services/offloading/offloading-ports.js";
import { kubectlYaml } from "../forge/kubectl-yaml.js";
import type { OffloadingVersion } from "../forge/namespace-offloading.js";
import { REMOTE_CLUSTER_LABEL } from "../forge/namespace-offloading.js";
import { MAPPINGS, STRATEGIES, wantedObject } from "./offloading-plan.js";

/** Where there is no driver: writes down what an admin applies. */
export class ManualOffloading implements OffloadingDriver {
  private readonly apiVersion: OffloadingVersion;

  /** @param liqoVersion of this cluster; null: 1.x is written for. */
  constructor(private readonly liqoVersion: string | null) {
    const isOld = liqoVersion?.replace(/^v/, "").startsWith("0.") === true;
    this.apiVersion = isOld ? "offloading.liqo.io/v1alpha1" : "offloading.liqo.io/v1beta1";
  }

  /** Nothing here sees a cluster: whether the namespace exists is for the admin to know. */
  async check(): Promise<void> {}

  async reconcile({ targets }: NamespaceTask): Promise<NamespaceReport> {
    const settled = { isSettled: true, retryAfterMs: null };
    if (targets.length === 0) return { ...settled, phase: "REMOVING", message: "It is over.", whatToDo: null };
    const older =
      this.liqoVersion === null
        ? " They are for Liqo 1.x: with 0.x write v1alpha1 for v1beta1, or set LIQO_VERSION."
        : "";
    return {
      ...settled,
      phase: "BY_HAND",
      message:
        "Apply the manifests, or run the command, before the pods are made: pods that were there before are not moved.",
      whatToDo: `Read offloadings { manifests command }.${older} When the contract ends, run liqoctl unoffload namespace.`,
    };
  }

  async byHand(task: NamespaceTask): Promise<OffloadingByHand> {
    const object = wantedObject(task, [], this.apiVersion);
    if (object === undefined) return { manifests: null, command: `liqoctl unoffload namespace ${task.namespace}` };
    return { manifests: kubectlYaml([object]), command: offloadCommand(task) };
  }

  async usage(): Promise<null> {
    return null;
  }

  /** Nothing here sees a cluster. */
  async watch(): Promise<void> {}
}

/** Ids and names have been checked to be free of anything that a shell reads. */
function offloadCommand({ namespace, shape, targets }: NamespaceTask): string {
  const providers = [...new Set(targets.map((target) => target.providerID))].sort();
  return [
    `liqoctl offload namespace ${namespace}`,
    `--pod-offloading-strategy ${STRATEGIES[shape.strategy]}`,
    `--namespace-mapping-strategy ${MAPPINGS[shape.mapping]}`,
    ...(shape.remoteNamespace === null ? [] : [`--remote-namespace-name ${shape.remoteNamespace}`]),
    ...providers.map((id) => `--selector '${REMOTE_CLUSTER_LABEL}=${id}'`),
  ].join(" ");
}
