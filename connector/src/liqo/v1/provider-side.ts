import type { Clock } from "@catalog/server/clock";
import type { PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import { isUsableClusterID, requireUsableClusterID } from "../forge/tenant-names.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { readWaits } from "./customer-side.js";
import { applyAction, neverThere, reportOf, ROUNDS_MAX } from "./kube-actions.js";
import {
  isLetIn,
  planProvider,
  planProviderDown,
  tenantOf,
  type ProviderAction,
  type ProviderMemory,
  type ProviderSeen,
} from "./provider-plan.js";
import { NO_REMAINS, viewRemains } from "./remains.js";
import { fieldsOf, type Plan } from "./stages.js";
import { viewTenant, type TenantView } from "./tenant-view.js";
import type { V1Settings } from "./v1-settings.js";

/** What Liqo's Events about a Tenant mean. */
const EVENTS: Readonly<Record<string, string>> = {
  SignatureVerificationFailed:
    "Liqo refuses the customer: its signature is not over the nonce of this cluster, or by another key.",
  InvalidCSR: "Liqo refuses the customer: its certificate request is not for the key that it named.",
  NonceNotFound: "Liqo cannot let the customer in: the Secret with its nonce is missing.",
  AuthParamsFailed: "Liqo could not sign the customer's certificate.",
  TenantNamespaceCreationFailed: "Liqo could not make the customer's namespace.",
  ClusterRolesBindingFailed: "Liqo could not give the customer its rights.",
};

/** How a run of the provider's side ended. */
export interface ProviderRun {
  readonly report: PeeringReport;
  readonly view: TenantView;
  readonly memory: ProviderMemory;
}

/** Lets one customer in, and shows it out. */
export class ProviderSide {
  constructor(
    private readonly kube: KubeApi,
    private readonly settings: V1Settings,
    private readonly clock: Clock,
  ) {}

  async reconcile(task: PeeringTask): Promise<PeeringReport> {
    if (task.contracts.length === 0 && !isUsableClusterID(task.peer.clusterID)) return neverThere(task);
    try {
      return (await this.advance(task)).report;
    } catch (error) {
      return reportOf(error, task.state);
    }
  }

  /** Does everything that can be done now, and tells what there is afterwards. @throws KubeError, ClusterIDUnusableError */
  async advance(task: PeeringTask): Promise<ProviderRun> {
    requireUsableClusterID(task.peer.clusterID);
    const isUp = task.contracts.length > 0;
    let memory = memoryFor(task, isUp);
    let seen = await this.look(task, memory, isUp);
    for (let round = 0; ; round++) {
      const plan: Plan<ProviderAction> = isUp ? planProvider(seen) : planProviderDown(seen);
      memory = { ...memory, waits: plan.waits };
      const { action } = plan;
      if (action === undefined || round >= ROUNDS_MAX)
        return { report: { ...plan.report, state: memory }, view: seen.view, memory };
      if (action.do === "remember") {
        memory = { ...memory, ...action.memory };
        seen = { ...seen, memory };
      } else {
        await applyAction(this.kube, action);
        seen = await this.look(task, memory, isUp);
      }
    }
  }

  private async look(task: PeeringTask, memory: ProviderMemory, isUp: boolean): Promise<ProviderSeen> {
    const { account, ownID, className, patienceMs, graceMs } = this.settings;
    const { clusterID } = task.peer;
    const withNetwork = !isUp || memory.hasNetwork === false;
    const view = await viewTenant(this.kube, { clusterID, ownID, needsBinding: account !== null, withNetwork });
    const tenant = tenantOf({ view, task });
    return {
      task,
      view,
      remains:
        isUp || view.namespace === undefined ? NO_REMAINS : await viewRemains(this.kube, view.namespace.metadata.name),
      memory,
      account,
      tenantProblem: isUp && tenant !== undefined && !isLetIn(tenant) ? await this.problemOf(tenant) : undefined,
      className,
      sold: this.settings.resourcesOf(task.contracts),
      now: this.clock.now().getTime(),
      patienceMs,
      graceMs,
    };
  }

  /** The newest thing that Liqo's Events say is wrong with a Tenant, in plain words. */
  private async problemOf({ metadata }: KubeObject): Promise<string | undefined> {
    const events = await this.kube.list({ apiVersion: "v1", kind: "Event" }, { namespace: metadata.namespace });
    const newest = events
      .filter((event) => {
        const about = fieldsOf(event["involvedObject"]);
        return (
          about["kind"] === "Tenant" &&
          about["name"] === metadata.name &&
          (about["uid"] ?? metadata.uid) === metadata.uid
        );
      })
      .sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
      .find(({ type }) => type === "Warning");
    const reason = newest?.["reason"];
    if (typeof reason !== "string") return undefined;
    return EVENTS[reason] ?? `Liqo does not let the customer in: it reports ${reason.slice(0, 80)}.`;
  }
}

function timeOf(event: KubeObject): string {
  const { lastTimestamp, eventTime } = event;
  const time = lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp;
  return typeof time === "string" ? time : "";
}

/** What was remembered; a contract in force begins anew. */
function memoryFor({ state }: PeeringTask, isUp: boolean): ProviderMemory {
  const { waits, isPeerDown, hasNetwork, endingSince } = fieldsOf(state);
  return {
    waits: readWaits(waits),
    isPeerDown: !isUp && isPeerDown === true,
    hasNetwork: typeof hasNetwork === "boolean" ? hasNetwork : null,
    endingSince: !isUp && typeof endingSince === "number" ? endingSince : null,
  };
}
