import { createHash } from "node:crypto";
import { type Amounts, amountOf, covers } from "@catalog/schema/resource-list";
import type { PeeringPhase, PeeringStep, PeeringTask } from "../../services/peerings/peering-ports.js";
import { foreignClusterRef, forgetIncoming, letIn, shutOut } from "../forge/foreign-cluster.js";
import { OWNED_SELECTOR } from "../forge/ownership.js";
import { conditionStatus, diagnoseIncoming, type PeeringDiagnosis } from "../forge/peering-conditions.js";
import { describeRef } from "../kube/kinds.js";
import type { ObjectRef } from "../kube/kube-api.js";
import { chosen, type ForeignClusterView } from "./foreign-cluster-view.js";
import { type PeeringAction, type PeeringPlan, reportOf, step } from "./peering-action.js";

/** Liqo reads the grant again when any annotation of the ResourceRequest changes; this one tells for which grant. */
export const GRANT_ANNOTATION = "catalog.liqo/grant";

export interface RequestView {
  readonly ref: ObjectRef;
  readonly isWithdrawn: boolean;
}

/** What Liqo offers to the customer now; null: a quantity that cannot be read. */
export type OfferedAmounts = Amounts | null;

/** Everything that the provider's plan depends on. */
export interface ProviderObservation {
  readonly foreignClusters: readonly ForeignClusterView[];
  /** ResourceRequests of this customer. */
  readonly requests: readonly RequestView[];
  /** ResourceOffers to this customer. */
  readonly offers: readonly OfferedAmounts[];
  /** What the ledger grants now: contracts and allowance. */
  readonly grant: Amounts;
  /** Unix ms. */
  readonly now: number;
}

/** What the provider's side keeps between runs. */
export interface ProviderState {
  /** An offer that differs from the grant: which grant, and since when (Unix ms). */
  readonly mismatch: { readonly grant: string; readonly since: number } | null;
  readonly nudgedAt: number | null;
}

/** Liqo has so long to read a changed grant by itself (the plugin notifies it) before its ResourceRequest is touched, in ms. */
export const NUDGE_AFTER_MS = 5_000;
/** A ResourceRequest is touched at most so often for the same grant, in ms. */
export const NUDGE_AGAIN_MS = 60_000;
const LOOK_AGAIN_MS = 5_000;

/** What the provider does next for this customer. The size of what it gets is the plugin's business; this opens and closes the door. */
export function planProvider(task: PeeringTask, seen: ProviderObservation): PeeringPlan {
  const cluster = chosen(seen.foreignClusters, task.peer.clusterID);
  const nudging = nudge(providerStateOf(task.state), seen, cluster);
  const plan = task.contracts.length > 0 ? planOpen(cluster, seen) : planClosed(task, cluster, seen);
  const { report } = plan;
  const isBack = task.contracts.length > 0 || task.isAllowed ? isOfferWithinGrant(seen) : report.phase === "GONE";
  return {
    actions: [...plan.actions, ...nudging.actions],
    report: {
      ...report,
      steps: [...report.steps, ...nudging.steps],
      released: isBack ? task.ending.map(({ contractID }) => contractID) : [],
      state: nudging.state,
      retryAfterMs: nudging.state.mismatch === null ? report.retryAfterMs : NUDGE_AFTER_MS,
    },
  };
}

/** Reads a state that was stored before; anything else is an empty one. */
export function providerStateOf(state: unknown): ProviderState {
  const { mismatch, nudgedAt } = (typeof state === "object" && state !== null ? state : {}) as Record<string, unknown>;
  const { grant, since } = (typeof mismatch === "object" && mismatch !== null ? mismatch : {}) as Record<
    string,
    unknown
  >;
  return {
    mismatch: typeof grant === "string" && typeof since === "number" ? { grant, since } : null,
    nudgedAt: typeof nudgedAt === "number" ? nudgedAt : null,
  };
}

function planOpen(cluster: ForeignClusterView | undefined, seen: ProviderObservation): PeeringPlan {
  if (cluster === undefined) {
    const steps = [step("Customer asks to peer", "WAITING")];
    return { actions: [], report: reportOf({ phase: "WAITING", message: "The customer has not peered yet.", steps }) };
  }
  const ref = foreignClusterRef(cluster.name);
  if (!mayOpen(cluster) && cluster.incoming === "No") return shutByHand(cluster);
  const isOpen = cluster.incoming === "Yes" || !mayOpen(cluster);
  const before = cluster.incomingBefore === null ? cluster.incoming : null;
  const actions: PeeringAction[] = isOpen || cluster.isDeleting ? [] : [{ kind: "patch", ref, patch: letIn(before) }];
  const diagnosis = diagnoseIncoming(cluster.conditions);
  const phase = openPhase(diagnosis);
  return {
    actions,
    report: reportOf({
      phase,
      message: diagnosis.message,
      whatToDo: diagnosis.whatToDo,
      steps: openSteps(cluster, isOpen, diagnosis, seen),
      conditions: cluster.conditions,
      retryAfterMs: phase === "ESTABLISHED" ? null : LOOK_AGAIN_MS,
    }),
  };
}

/** What an admin made by hand is not touched. */
function mayOpen(cluster: ForeignClusterView): boolean {
  return cluster.maker !== "ADMIN" || cluster.incomingBefore !== null;
}

function openPhase({ finding }: PeeringDiagnosis): PeeringPhase {
  switch (finding) {
    case "ESTABLISHED":
      return "ESTABLISHED";
    case "ERROR":
      return "FAILED";
    case "NONE":
      return "WAITING";
    case "NOT_PROCESSED":
    case "IDENTITY_LOST":
    case "IDENTITY_REFUSED":
    case "AUTHENTICATING":
    case "WAITING_FOR_PROVIDER":
    case "NETWORK":
    case "DISCONNECTING":
      return "CONNECTING";
  }
}

function openSteps(
  cluster: ForeignClusterView,
  isOpen: boolean,
  diagnosis: PeeringDiagnosis,
  seen: ProviderObservation,
): PeeringStep[] {
  const object = describeRef(foreignClusterRef(cluster.name));
  const hasAsked = seen.requests.length > 0 || diagnosis.finding !== "NONE";
  return [
    step("Customer asks to peer", hasAsked ? "DONE" : "WAITING", object),
    step("Customer is let in", isOpen ? "DONE" : "DOING", object),
    step(
      "Peering established",
      diagnosis.finding === "ESTABLISHED" ? "DONE" : diagnosis.finding === "ERROR" ? "FAILED" : "WAITING",
      object,
    ),
  ];
}

function shutByHand(cluster: ForeignClusterView): PeeringPlan {
  const object = describeRef(foreignClusterRef(cluster.name));
  return {
    actions: [],
    report: reportOf({
      phase: "FAILED",
      message: `${object} was made by hand and does not let the customer in; the Connector leaves it alone.`,
      whatToDo: `Set its incomingPeeringEnabled to "Yes", or let the Connector take it over: kubectl label foreignclusters.discovery.liqo.io ${cluster.name} ${OWNED_SELECTOR}.`,
      steps: [step("Customer is let in", "FAILED", object)],
      conditions: cluster.conditions,
    }),
  };
}

function planClosed(
  task: PeeringTask,
  cluster: ForeignClusterView | undefined,
  seen: ProviderObservation,
): PeeringPlan {
  if (cluster === undefined)
    return seen.offers.length === 0
      ? gone("Nothing of this peering is left here.")
      : takingBack("Liqo is removing its offer to the customer.", undefined);
  const ref = foreignClusterRef(cluster.name);
  if (task.isAllowed) {
    const before = cluster.incomingBefore;
    const actions: PeeringAction[] = before === null ? [] : [{ kind: "patch", ref, patch: forgetIncoming(before) }];
    return { ...gone("The peer keeps what the admin allows it without a contract."), actions };
  }
  if (!mayOpen(cluster)) return closedByHand(cluster, seen);
  if (cluster.incoming !== "No" && !cluster.isDeleting)
    return {
      ...takingBack("The customer is being shut out.", cluster),
      actions: [{ kind: "patch", ref, patch: shutOut() }],
    };
  if (conditionStatus(cluster.conditions, "IncomingPeering") !== "None")
    return takingBack(diagnoseIncoming(cluster.conditions).message, cluster);
  return gone("The customer is shut out, and nothing is offered to it.");
}

/** A peering by hand stays; without a contract it is worth nothing, because the plugin answers zeros. */
function closedByHand(cluster: ForeignClusterView, seen: ProviderObservation): PeeringPlan {
  const isBack = conditionStatus(cluster.conditions, "IncomingPeering") === "None" || isOfferWithinGrant(seen);
  return isBack
    ? gone("The peering was made by hand and stays; nothing is offered in it.")
    : takingBack("The peering was made by hand and stays; Liqo is reducing its offer.", cluster);
}

function gone(message: string): PeeringPlan {
  return { actions: [], report: reportOf({ phase: "GONE", message }) };
}

function takingBack(message: string, cluster: ForeignClusterView | undefined): PeeringPlan {
  const object = cluster === undefined ? null : describeRef(foreignClusterRef(cluster.name));
  return {
    actions: [],
    report: reportOf({
      phase: "TAKING_DOWN",
      message,
      whatToDo:
        "Nothing, while the customer's cluster can be reached; otherwise it ends when that cluster is back, or the contract can be released by force.",
      steps: [step("Resources taken back", "DOING", object)],
      conditions: cluster?.conditions ?? [],
      retryAfterMs: LOOK_AGAIN_MS,
    }),
  };
}

/** Whether nothing is offered beyond the grant: pods that still run are in Liqo's hands. */
function isOfferWithinGrant({ offers, grant }: ProviderObservation): boolean {
  return offers.every((offer) => offer !== null && covers(grant, offer));
}

/** Touches the ResourceRequests when Liqo goes on offering something else than the grant: we may have been away when it asked. */
function nudge(
  state: ProviderState,
  seen: ProviderObservation,
  cluster: ForeignClusterView | undefined,
): {
  readonly actions: readonly PeeringAction[];
  readonly steps: readonly PeeringStep[];
  readonly state: ProviderState;
} {
  const requests = seen.requests.filter(({ isWithdrawn }) => !isWithdrawn);
  const isIn = cluster !== undefined && conditionStatus(cluster.conditions, "IncomingPeering") !== "None";
  if (requests.length === 0 || !isIn || isOfferTheGrant(seen))
    return { actions: [], steps: [], state: { mismatch: null, nudgedAt: state.nudgedAt } };
  const grant = grantDigest(seen.grant);
  const mismatch = state.mismatch?.grant === grant ? state.mismatch : { grant, since: seen.now };
  const object = requests[0] === undefined ? null : describeRef(requests[0].ref);
  const steps = [
    step("Offer follows the contracts", "WAITING", object, "Liqo offers something else than what is sold."),
  ];
  const isEarly =
    seen.now - mismatch.since < NUDGE_AFTER_MS ||
    (state.nudgedAt !== null && state.nudgedAt >= mismatch.since && seen.now - state.nudgedAt < NUDGE_AGAIN_MS);
  if (isEarly) return { actions: [], steps, state: { mismatch, nudgedAt: state.nudgedAt } };
  const patch = { metadata: { annotations: { [GRANT_ANNOTATION]: `${grant}.${Math.floor(seen.now / 1_000)}` } } };
  const actions = requests.map(({ ref }): PeeringAction => ({ kind: "patch", ref, patch }));
  return { actions, steps, state: { mismatch, nudgedAt: seen.now } };
}

/** Several offers, one for each pool, add up. */
function isOfferTheGrant({ offers, grant }: ProviderObservation): boolean {
  if (offers.length === 0) return Object.values(grant).every((amount) => amount === 0n);
  return Object.entries(grant).every(([name, amount]) => {
    let sum = 0n;
    for (const offer of offers) sum += offer === null ? -1n : amountOf(offer, name);
    return sum === amount;
  });
}

function grantDigest(grant: Amounts): string {
  const text = Object.keys(grant)
    .sort()
    .map((name) => `${name}=${amountOf(grant, name)}`)
    .join(",");
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
