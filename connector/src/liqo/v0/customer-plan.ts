import type { Contract } from "../../domain/contract.js";
import type { PeeringPhase, PeeringTask } from "../../services/peerings/peering-ports.js";
import { foreignCluster, foreignClusterRef, reachOut } from "../forge/foreign-cluster.js";
import { peerNameProblem } from "../forge/kube-names.js";
import { OWNED_SELECTOR } from "../forge/ownership.js";
import { diagnoseOutgoing, type PeeringDiagnosis } from "../forge/peering-conditions.js";
import { tokenSecretRef } from "../forge/token-secret.js";
import { describeRef } from "../kube/kinds.js";
import {
  type CustomerObservation,
  type CustomerState,
  customerStateOf,
  LOOK_AGAIN_MS,
} from "./customer-observation.js";
import { isNodeUsable, isUsable, stepsOf } from "./customer-steps.js";
import { planDown } from "./customer-take-down.js";
import { chosen, type ForeignClusterView } from "./foreign-cluster-view.js";
import { type PeeringAction, type PeeringPlan, reportOf, step } from "./peering-action.js";

/** How often the same question goes to the provider at most, in ms. */
export const ASK_AGAIN_MS = 60_000;

/** What the customer does next for this peering: a function of what it sees, so that it may be interrupted anywhere. */
export function planCustomer(task: PeeringTask, seen: CustomerObservation): PeeringPlan {
  const plan = task.wanted && task.contracts.length > 0 ? planUp(task, seen) : planDown(task, seen);
  const isSettled = plan.report.phase === "GONE" || (task.wanted && task.contracts.length > 0);
  const released = isSettled ? task.ending.map(({ contractID }) => contractID) : [];
  return { ...plan, report: { ...plan.report, released } };
}

function planUp(task: PeeringTask, seen: CustomerObservation): PeeringPlan {
  const { peer } = task;
  const state = customerStateOf(task.state);
  const names = peerNameProblem(peer);
  if (names !== undefined)
    return failed(
      state,
      `Liqo cannot peer with this provider: ${names}.`,
      "Ask the provider to install Liqo with a usable cluster id and name.",
    );
  if (peer.clusterID === seen.own.clusterID)
    return failed(
      state,
      `The provider has the cluster id of this very cluster, ${peer.clusterID}.`,
      "One of the two clusters was cloned: give it a new Liqo installation with an id of its own.",
    );
  const cluster = chosen(seen.foreignClusters, peer.clusterID);
  if (cluster !== undefined && !mayReachOut(cluster)) return leftAlone(task, seen, cluster);
  if (cluster === undefined && seen.own.authUrl === null) return withoutAddress(state, seen);
  if (seen.token !== null && !seen.token.isOwned) return foreignToken(state, task, seen);
  return build(task, seen, state, cluster);
}

/** Liqo's own objects and ours may be used; what an admin made by hand may not. */
function mayReachOut(cluster: ForeignClusterView): boolean {
  return cluster.maker !== "ADMIN" || cluster.outgoingBefore !== null;
}

function build(
  task: PeeringTask,
  seen: CustomerObservation,
  state: CustomerState,
  cluster: ForeignClusterView | undefined,
): PeeringPlan {
  const diagnosis = diagnoseOutgoing(cluster?.conditions ?? []);
  const asking = questions(task, seen, state, diagnosis);
  const actions = [...asking.actions, ...clusterActions(task, seen, cluster)];
  const phase = phaseOf(seen, cluster, diagnosis);
  const failure = seen.materialFailure;
  const isStuck = failure !== null && !isUsable(seen.token);
  const { message, whatToDo } = isStuck ? failure : spoken(seen, cluster, diagnosis);
  return {
    actions,
    report: reportOf({
      phase: isStuck ? (failure.isDefinitive ? "FAILED" : "WAITING") : phase,
      message,
      whatToDo,
      steps: stepsOf(task, seen, cluster, diagnosis),
      conditions: cluster?.conditions ?? [],
      state: asking.state,
      retryAfterMs: phase === "ESTABLISHED" ? null : failure === null ? LOOK_AGAIN_MS : ASK_AGAIN_MS / 4,
    }),
  };
}

/** What has to be asked of the provider, and when that was. */
function questions(
  task: PeeringTask,
  seen: CustomerObservation,
  state: CustomerState,
  diagnosis: PeeringDiagnosis,
): { readonly actions: readonly PeeringAction[]; readonly state: CustomerState } {
  const contract = newest(task.contracts);
  if (contract === undefined || seen.materialFailure !== null || seen.token?.isDeleting === true)
    return { actions: [], state };
  const isRefused = diagnosis.finding === "IDENTITY_REFUSED" && isDue(state.materialAt, seen.now);
  const isOfEnded = !task.contracts.some(({ contractID }) => contractID === seen.token?.contractID);
  if (!isUsable(seen.token) || isOfEnded || isRefused)
    return { actions: [{ kind: "fetch-material", contract }], state: { ...state, materialAt: seen.now } };
  if (diagnosis.finding === "IDENTITY_LOST" && isDue(state.identityAskedAt, seen.now))
    return { actions: [{ kind: "ask-for-new-identity", contract }], state: { ...state, identityAskedAt: seen.now } };
  return { actions: [], state };
}

function isDue(last: number | null, now: number): boolean {
  return last === null || now - last >= ASK_AGAIN_MS || now < last;
}

function clusterActions(
  task: PeeringTask,
  seen: CustomerObservation,
  cluster: ForeignClusterView | undefined,
): PeeringAction[] {
  const { token } = seen;
  const { clusterID } = task.peer;
  if (!isUsable(token) || cluster?.isDeleting === true) return [];
  const { authUrl, digest } = token;
  if (cluster === undefined) {
    const name = freeName(token.clusterName, clusterID, seen.foreignClusters);
    const { clusterName, contractID } = token;
    return [
      {
        kind: "create",
        object: foreignCluster({ name, clusterID, clusterName, authUrl, tokenDigest: digest, contractID }),
      },
    ];
  }
  const isAsWanted = cluster.outgoing === "Yes" && cluster.authUrl === authUrl && cluster.tokenDigest === digest;
  if (isAsWanted) return [];
  const isLiqos = cluster.maker === "LIQO" && cluster.outgoingBefore === null;
  const before = isLiqos ? cluster.outgoing : null;
  return [
    {
      kind: "patch",
      ref: foreignClusterRef(cluster.name),
      patch: reachOut({ clusterID, authUrl, tokenDigest: digest, before }),
    },
  ];
}

/** The provider's cluster name, unless another peer's ForeignCluster has it: then Liqo shows no APIServerStatus, but it peers. */
function freeName(clusterName: string, clusterID: string, all: readonly ForeignClusterView[]): string {
  if (!all.some(({ name }) => name === clusterName)) return clusterName;
  return `${clusterName.slice(0, 180).replace(/[^a-z0-9]+$/, "")}-${clusterID.toLowerCase()}`;
}

function newest(contracts: readonly Contract[]): Contract | undefined {
  return [...contracts].sort(
    (a, b) => (b.activatedAt ?? 0) - (a.activatedAt ?? 0) || (a.contractID < b.contractID ? 1 : -1),
  )[0];
}

function phaseOf(
  seen: CustomerObservation,
  cluster: ForeignClusterView | undefined,
  diagnosis: PeeringDiagnosis,
): PeeringPhase {
  if (cluster === undefined || cluster.isDeleting) return "CONNECTING";
  if (diagnosis.finding === "ESTABLISHED") return isNodeUsable(seen.node) ? "ESTABLISHED" : "CONNECTING";
  return diagnosis.finding === "NOT_PROCESSED" || diagnosis.finding === "ERROR" ? "FAILED" : "CONNECTING";
}

function spoken(
  seen: CustomerObservation,
  cluster: ForeignClusterView | undefined,
  diagnosis: PeeringDiagnosis,
): Pick<PeeringDiagnosis, "message" | "whatToDo"> {
  if (cluster?.isDeleting === true)
    return { message: "The ForeignCluster was deleted; it is made again when it is gone.", whatToDo: null };
  if (cluster === undefined) return { message: "The peering is being made.", whatToDo: null };
  if (diagnosis.finding === "NONE" && seen.own.authUrl === null && seen.own.problem !== null) return seen.own.problem;
  if (diagnosis.finding === "ESTABLISHED" && !isNodeUsable(seen.node))
    return {
      message: "The peering is established; Liqo's virtual node is not ready yet.",
      whatToDo: "If it stays, look at the virtual node and at the pod of its virtual kubelet in the tenant namespace.",
    };
  return diagnosis;
}

function failed(state: CustomerState, message: string, whatToDo: string): PeeringPlan {
  return { actions: [], report: reportOf({ phase: "FAILED", message, whatToDo, state }) };
}

function withoutAddress(state: CustomerState, seen: CustomerObservation): PeeringPlan {
  const { message, whatToDo } = seen.own.problem ?? {
    message: "Liqo here has no address for peers.",
    whatToDo: "Look at Service liqo-auth.",
  };
  const steps = [step("Own address for peers", "WAITING", `Service ${seen.liqoNamespace}/liqo-auth`, message)];
  return {
    actions: [],
    report: reportOf({ phase: "WAITING", message, whatToDo, steps, state, retryAfterMs: LOOK_AGAIN_MS }),
  };
}

/** There is a peering by hand: it is told, and left alone. */
function leftAlone(task: PeeringTask, seen: CustomerObservation, cluster: ForeignClusterView): PeeringPlan {
  const { finding } = diagnoseOutgoing(cluster.conditions);
  const object = describeRef(foreignClusterRef(cluster.name));
  const isUp = finding === "ESTABLISHED" && isNodeUsable(seen.node);
  const hint = `To let the Connector take it over: kubectl label foreignclusters.discovery.liqo.io ${cluster.name} ${OWNED_SELECTOR}; or delete it.`;
  const message = isUp
    ? `The peering was made by hand (${object}); the Connector leaves it alone.`
    : `${object} was made by hand for this provider and is not established; the Connector leaves it alone.`;
  const steps = [step("ForeignCluster", isUp ? "DONE" : "WAITING", object, "made by hand")];
  return {
    actions: [],
    report: reportOf({
      phase: isUp ? "ESTABLISHED" : "WAITING",
      message,
      whatToDo: isUp ? null : hint,
      steps,
      conditions: cluster.conditions,
      state: customerStateOf(task.state),
    }),
  };
}

function foreignToken(state: CustomerState, task: PeeringTask, seen: CustomerObservation): PeeringPlan {
  const ref = tokenSecretRef(seen.liqoNamespace, task.peer.clusterID);
  const hint = `Remove it, or let the Connector take it over: kubectl label secret -n ${seen.liqoNamespace} ${ref.name} ${OWNED_SELECTOR}.`;
  return failed(state, `${describeRef(ref)} was made by hand for this provider; the Connector leaves it alone.`, hint);
}
