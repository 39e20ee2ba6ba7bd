import { CatalogError } from "@catalog/schema/errors";
import type { PeerUsage } from "../../domain/end-rehearsal.js";
import type {
  NamespaceReport,
  NamespaceTask,
  OffloadingByHand,
  OffloadingDriver,
} from "../../services/offloading/offloading-ports.js";
import type { PeeringSide } from "../../services/peerings/peering-ports.js";
import {
  namespaceOffloadingRef,
  type OffloadingVersion,
  REMOTE_CLUSTER_LABEL,
  VIRTUAL_NODE,
  VIRTUAL_NODE_LABEL,
} from "../forge/namespace-offloading.js";
import { isOwned } from "../forge/ownership.js";
import type { KubeApi } from "../kube/kube-api.js";
import { isPassing, KubeConflictError, KubeError, KubeNotFoundError } from "../kube/kube.errors.js";
import {
  madeByHand,
  type NamespaceSeen,
  type OffloadingAction,
  planOffloading,
  type VirtualNode,
} from "./offloading-plan.js";
import { readUsage } from "./peer-usage.js";

/** Most changes of one look; what is left comes with the next. */
const ROUNDS_MAX = 6;
/** How long an admin may take to repair what the Connector cannot, until it looks again, in ms. */
const REPAIR_MS = 30_000;

/** What the generations of Liqo do differently. */
export interface OffloadingGeneration {
  readonly apiVersion: OffloadingVersion;
  /** Whether a namespace may be called at the provider as the admin says. */
  readonly hasSelectedName: boolean;
  /** Label of the pods at a provider that names their customer. */
  readonly originLabel: string;
}

/** Source: Liqo's kinds and its virtual kubelet, releases 0.8, 0.10 and 1.2. */
export const OFFLOADING_GENERATIONS: Readonly<Record<"v0.8" | "v0.9" | "v1", OffloadingGeneration>> = {
  "v0.8": {
    apiVersion: "offloading.liqo.io/v1alpha1",
    hasSelectedName: false,
    originLabel: "virtualkubelet.liqo.io/origin",
  },
  "v0.9": {
    apiVersion: "offloading.liqo.io/v1alpha1",
    hasSelectedName: true,
    originLabel: "virtualkubelet.liqo.io/origin",
  },
  v1: { apiVersion: "offloading.liqo.io/v1beta1", hasSelectedName: true, originLabel: "offloading.liqo.io/origin" },
};

/** Offloads namespaces by Liqo's NamespaceOffloading. An object that somebody made by hand is never touched. */
export class KubeOffloading implements OffloadingDriver {
  constructor(
    private readonly kube: KubeApi,
    private readonly generation: OffloadingGeneration,
  ) {}

  async check(task: NamespaceTask): Promise<void> {
    const { namespace, shape } = task;
    if (shape.mapping === "SELECTED_NAME" && !this.generation.hasSelectedName)
      throw new CatalogError(
        "BAD_USER_INPUT",
        "mapping SELECTED_NAME needs Liqo 0.10 or newer; here DEFAULT_NAME and ENFORCE_SAME_NAME can be used.",
      );
    const seen = await this.look(task);
    if (seen.namespace !== "THERE")
      throw new CatalogError(
        "NAMESPACE_NOT_FOUND",
        `Namespace ${namespace} ${seen.namespace === "GOING" ? "is being removed" : "does not exist in this cluster"}. Create it first.`,
        { namespace },
      );
    if (seen.object === undefined || isOwned(seen.object)) return;
    const { message, whatToDo } = madeByHand(namespace);
    throw new CatalogError("OFFLOADING_CONFLICT", `${message} ${whatToDo}`, { namespace, whatToDo });
  }

  async reconcile(task: NamespaceTask): Promise<NamespaceReport> {
    try {
      return await this.settle(task);
    } catch (error) {
      if (!(error instanceof KubeError) || isPassing(error)) throw error;
      const { message, whatToDo } = error;
      return { phase: "FAILED", message, whatToDo, isSettled: false, retryAfterMs: REPAIR_MS };
    }
  }

  async byHand(): Promise<OffloadingByHand | null> {
    return null;
  }

  usage(side: PeeringSide, clusterID: string): Promise<PeerUsage> {
    return readUsage(this.kube, side, clusterID, this.generation.originLabel);
  }

  watch(onChange: (namespace: string) => void, signal: AbortSignal): Promise<void> {
    const kind = { apiVersion: this.generation.apiVersion, kind: "NamespaceOffloading" };
    return this.kube.watch(kind, {}, ({ metadata }) => onChange(metadata.namespace ?? ""), signal);
  }

  private async settle(task: NamespaceTask): Promise<NamespaceReport> {
    for (let round = 1; ; round++) {
      const plan = planOffloading(task, await this.look(task), this.generation.apiVersion);
      if (plan.action === undefined || round === ROUNDS_MAX) return plan.report;
      await this.apply(plan.action);
    }
  }

  private async look({ namespace, targets }: NamespaceTask): Promise<NamespaceSeen> {
    const object = await this.kube.get(namespaceOffloadingRef(this.generation.apiVersion, namespace));
    if (targets.length === 0) return { namespace: "THERE", object, nodes: [] };
    const found = await this.kube.get({ apiVersion: "v1", kind: "Namespace", name: namespace });
    const isGoing = found?.metadata.deletionTimestamp !== undefined;
    const providers = new Set(targets.map((target) => target.providerID));
    const nodes = (await this.nodes()).filter((node) => providers.has(node.providerID));
    return { namespace: found === undefined ? "ABSENT" : isGoing ? "GOING" : "THERE", object, nodes };
  }

  private async nodes(): Promise<readonly VirtualNode[]> {
    const labelSelector = `${VIRTUAL_NODE_LABEL}=${VIRTUAL_NODE}`;
    const nodes = await this.kube.list({ apiVersion: "v1", kind: "Node" }, { labelSelector });
    return nodes.map(({ metadata: { labels = {} } }) => ({ providerID: labels[REMOTE_CLUSTER_LABEL] ?? "", labels }));
  }

  /** That it was done by somebody else meanwhile is no error: the next look shows what there is. */
  private async apply(action: OffloadingAction): Promise<void> {
    try {
      if (action.do === "create") await this.kube.create(action.object);
      else if (action.do === "patch") await this.kube.mergePatch(action.ref, action.patch);
      else await this.kube.remove(action.ref, { uid: action.uid });
    } catch (error) {
      if (!(error instanceof KubeConflictError || error instanceof KubeNotFoundError)) throw error;
    }
  }
}
