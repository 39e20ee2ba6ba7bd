import type { Clock } from "@catalog/server/clock";
import type { Contract } from "../../domain/contract.js";
import type {
  DriverState,
  PeeringDriver,
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { AUTHENTICATION } from "../forge/handshake.js";
import { NETWORKING } from "../forge/network.js";
import { labelOf, REMOTE_CLUSTER } from "../forge/tenant-labels.js";
import type { KubeApi, KubeKind, KubeObject } from "../kube/kube-api.js";
import { CustomerSide } from "./customer-side.js";
import { ProviderDesk } from "./provider-desk.js";
import { ProviderSide } from "./provider-side.js";
import { fieldsOf } from "./stages.js";
import type { V1Settings } from "./v1-settings.js";

/** Kinds of which every change may move a peering on. */
const WATCHED: readonly KubeKind[] = [
  { apiVersion: AUTHENTICATION, kind: "Tenant" },
  { apiVersion: AUTHENTICATION, kind: "Identity" },
  { apiVersion: AUTHENTICATION, kind: "ResourceSlice" },
  { apiVersion: "offloading.liqo.io/v1beta1", kind: "VirtualNode" },
  { apiVersion: "core.liqo.io/v1beta1", kind: "ForeignCluster" },
  { apiVersion: NETWORKING, kind: "GatewayServer" },
  { apiVersion: NETWORKING, kind: "GatewayClient" },
  { apiVersion: NETWORKING, kind: "Connection" },
];

/**
 * Peers through the declarative handshake of Liqo 1.x: each side writes only to its own cluster, and no secret crosses. The customer asks,
 * the provider's desk answers; both compute what to do from the contracts and the objects that they find, so that whatever was interrupted,
 * removed or missed is made good at the next look.
 */
export class V1Driver implements PeeringDriver {
  readonly mode = "v1";
  private readonly customer: CustomerSide;
  private readonly provider: ProviderSide;
  private readonly desk: ProviderDesk;

  constructor(
    private readonly kube: KubeApi,
    settings: V1Settings,
    clock: Clock,
  ) {
    this.customer = new CustomerSide(kube, settings, clock);
    this.provider = new ProviderSide(kube, settings, clock);
    this.desk = new ProviderDesk(kube, settings, this.provider);
  }

  reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    return task.side === "CUSTOMER" ? this.customer.reconcile(task, exchange) : this.provider.reconcile(task);
  }

  answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }> {
    return this.desk.answer(contract, message, state);
  }

  async watch(onChange: (clusterID: string) => void, signal: AbortSignal): Promise<void> {
    const tell = (object: KubeObject): void => {
      const id = labelOf(object, REMOTE_CLUSTER) ?? fieldsOf(object.spec)["clusterID"];
      if (typeof id === "string" && id !== "") onChange(id);
    };
    await Promise.all(WATCHED.map((kind) => this.kube.watch(kind, {}, tell, signal)));
  }
}
