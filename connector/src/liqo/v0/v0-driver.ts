import type { Contract } from "../../domain/contract.js";
import type {
  DriverState,
  PeeringDriver,
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { FOREIGN_CLUSTER } from "../forge/foreign-cluster.js";
import { REMOTE_CLUSTER_LABEL, VIRTUAL_NODE, VIRTUAL_NODE_LABEL } from "../forge/namespace-offloading.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { isPassing, KubeError } from "../kube/kube.errors.js";
import type { CustomerSide } from "./customer-side.js";
import { viewOf } from "./foreign-cluster-view.js";
import { reportOf } from "./peering-action.js";
import { offereeOf, type ProviderSide, requesterOf, RESOURCE_OFFER, RESOURCE_REQUEST } from "./provider-side.js";

/** How soon it is looked whether an admin has repaired it, in ms. An API server that has just started refuses everything until it has read its roles. */
const REPAIR_MS = 5_000;

/** Peerings on Liqo 0.7 to 0.10. The two generations differ in what the gRPC plugin says, not in their objects. */
export class V0PeeringDriver implements PeeringDriver {
  constructor(
    readonly mode: "v0.8" | "v0.9",
    private readonly kube: KubeApi,
    private readonly customer: CustomerSide,
    private readonly provider: ProviderSide,
  ) {}

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    try {
      return await (task.side === "CUSTOMER" ? this.customer.reconcile(task, exchange) : this.provider.reconcile(task));
    } catch (error) {
      if (!(error instanceof KubeError) || isPassing(error)) throw error;
      const { message, whatToDo } = error;
      return reportOf({ phase: "FAILED", message, whatToDo, state: task.state, retryAfterMs: REPAIR_MS });
    }
  }

  async answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ reply: PeeringMessage; state: DriverState }> {
    return { reply: await this.provider.answer(contract, message), state };
  }

  async watch(onChange: (clusterID: string) => void, signal: AbortSignal): Promise<void> {
    const tell = (peerOf: (object: KubeObject) => string | undefined) => (object: KubeObject) => {
      const clusterID = peerOf(object);
      if (clusterID !== undefined && clusterID !== "") onChange(clusterID);
    };
    const nodes = { labelSelector: `${VIRTUAL_NODE_LABEL}=${VIRTUAL_NODE}` };
    await Promise.all([
      this.kube.watch(
        FOREIGN_CLUSTER,
        {},
        tell((object) => viewOf(object).clusterID),
        signal,
      ),
      this.kube.watch(RESOURCE_REQUEST, {}, tell(requesterOf), signal),
      this.kube.watch(RESOURCE_OFFER, {}, tell(offereeOf), signal),
      this.kube.watch(
        { apiVersion: "v1", kind: "Node" },
        nodes,
        tell(({ metadata }) => metadata.labels?.[REMOTE_CLUSTER_LABEL]),
        signal,
      ),
    ]);
  }
}
