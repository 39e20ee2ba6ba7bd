import type { NamespaceReport, NamespaceTask, OffloadingTarget } from "../../services/offloading/offloading-ports.js";
import {
  namespaceOffloading,
  namespaceOffloadingRef,
  type OffloadingProvider,
  type OffloadingVersion,
} from "../forge/namespace-offloading.js";
import { CONTRACT_ANNOTATION, isOwned, OWNER, OWNER_LABEL } from "../forge/ownership.js";
import { isSameJson } from "../forge/same-json.js";
import type { KubeObject, ObjectRef } from "../kube/kube-api.js";
import { statusReport } from "./offloading-status.js";

/** A virtual node of a provider. */
export interface VirtualNode {
  readonly providerID: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the cluster has of a namespace. */
export interface NamespaceSeen {
  /** GOING: it is being removed. */
  readonly namespace: "THERE" | "GOING" | "ABSENT";
  /** The one that Liqo goes by. */
  readonly object: KubeObject | undefined;
  /** Those of the providers of the targets. */
  readonly nodes: readonly VirtualNode[];
}

/** The next thing to do, or none. */
export type OffloadingAction =
  | { readonly do: "create"; readonly object: KubeObject }
  | { readonly do: "patch"; readonly ref: ObjectRef; readonly patch: object }
  | { readonly do: "remove"; readonly ref: ObjectRef; readonly uid: string | undefined };

export interface OffloadingPlan {
  readonly action: OffloadingAction | undefined;
  /** What holds if there is no action. */
  readonly report: NamespaceReport;
}

/** How soon is looked again at what Liqo is about to do, in ms. */
const SOON_MS = 1_000;

/** Says what is to be done next so that the namespace is bound to the targets and to nothing else. */
export function planOffloading(
  task: NamespaceTask,
  seen: NamespaceSeen,
  apiVersion: OffloadingVersion,
): OffloadingPlan {
  const wanted = wantedObject(task, seen.nodes, apiVersion);
  return wanted === undefined ? planRemoval(task, seen, apiVersion) : planBinding(task, seen, wanted);
}

/** The object of the namespace; undefined if nothing is wanted. */
export function wantedObject(
  { namespace, shape, targets }: NamespaceTask,
  nodes: readonly VirtualNode[],
  apiVersion: OffloadingVersion,
): KubeObject | undefined {
  const [first, ...rest] = targets.map((target) => providerOf(target, nodes));
  if (first === undefined) return undefined;
  return namespaceOffloading({
    apiVersion,
    namespace,
    contractIDs: targets.map((target) => target.contractID),
    providers: [first, ...rest],
    strategy: STRATEGIES[shape.strategy],
    mapping: MAPPINGS[shape.mapping],
    remoteNamespace: shape.remoteNamespace,
  });
}

export const STRATEGIES = { LOCAL: "Local", REMOTE: "Remote", LOCAL_AND_REMOTE: "LocalAndRemote" } as const;
export const MAPPINGS = {
  DEFAULT_NAME: "DefaultName",
  ENFORCE_SAME_NAME: "EnforceSameName",
  SELECTED_NAME: "SelectedName",
} as const;

/**
 * The nodes of one target. A provider has one virtual node for all that it sold to us, unless somebody split it: only then do the labels of
 * the offer say which one is meant, as far as they tell the nodes apart.
 */
function providerOf({ providerID, labels }: OffloadingTarget, nodes: readonly VirtualNode[]): OffloadingProvider {
  const its = nodes.filter((node) => node.providerID === providerID);
  const telling = Object.entries(labels).filter(
    ([key, value]) => its.some((node) => node.labels[key] === value) && its.some((node) => node.labels[key] !== value),
  );
  const isMet = its.some((node) => telling.every(([key, value]) => node.labels[key] === value));
  return { clusterID: providerID, nodeLabels: isMet ? Object.fromEntries(telling) : {} };
}

function planRemoval(
  { namespace }: NamespaceTask,
  { object }: NamespaceSeen,
  apiVersion: OffloadingVersion,
): OffloadingPlan {
  const report: NamespaceReport = {
    ...{ phase: "REMOVING", message: "Nothing of it is left.", whatToDo: null, isSettled: true, retryAfterMs: null },
  };
  if (object === undefined || !isOwned(object) || !isBound(object)) return { action: undefined, report };
  const going = { ...report, message: "Liqo is taking it back.", isSettled: false, retryAfterMs: SOON_MS };
  if (object.metadata.deletionTimestamp !== undefined) return { action: undefined, report: going };
  const ref = namespaceOffloadingRef(apiVersion, namespace);
  return { action: { do: "remove", ref, uid: object.metadata.uid }, report: going };
}

/** Whether it was ever bound to a contract; one that an admin has only handed over is not, and nothing is lost by leaving it. */
function isBound({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[CONTRACT_ANNOTATION] !== undefined;
}

function planBinding(task: NamespaceTask, seen: NamespaceSeen, wanted: KubeObject): OffloadingPlan {
  const { namespace } = task;
  const ref = { apiVersion: wanted.apiVersion, kind: wanted.kind, namespace, name: wanted.metadata.name };
  const { object } = seen;
  if (seen.namespace !== "THERE") return { action: undefined, report: withoutNamespace(task, seen) };
  if (object === undefined) return { action: { do: "create", object: wanted }, report: waiting("It is being made.") };
  if (object.metadata.deletionTimestamp !== undefined)
    return { action: undefined, report: waiting("The former object is being removed; then it is made anew.") };
  if (!isOwned(object)) return { action: undefined, report: madeByHand(namespace) };
  if (!isSameName(object, wanted)) {
    const report = waiting("Liqo cannot change how a namespace is called at the provider: it is made anew.");
    return { action: { do: "remove", ref, uid: object.metadata.uid }, report };
  }
  const patch = patchOf(object, wanted);
  if (patch !== undefined) return { action: { do: "patch", ref, patch }, report: waiting("It is being put right.") };
  return { action: undefined, report: statusReport(task, object) };
}

function waiting(message: string): NamespaceReport {
  return { phase: "WAITING", message, whatToDo: null, isSettled: false, retryAfterMs: SOON_MS };
}

function withoutNamespace({ namespace }: NamespaceTask, seen: NamespaceSeen): NamespaceReport {
  return {
    phase: "FAILED",
    message: `Namespace ${namespace} ${seen.namespace === "GOING" ? "is being removed" : "does not exist any more"}.`,
    whatToDo: "Make it again, then the offloading is made again; or call stopOffloading.",
    isSettled: seen.object === undefined,
    retryAfterMs: null,
  };
}

/** What an admin is told whose own object stands in the way. */
export function madeByHand(namespace: string): NamespaceReport {
  return {
    phase: "FAILED",
    message: `NamespaceOffloading ${namespace}/offloading was made by hand and is left alone, and Liqo goes by one for each namespace.`,
    whatToDo: `Remove it, or hand it over: kubectl -n ${namespace} label namespaceoffloadings.offloading.liqo.io offloading ${OWNER_LABEL}=${OWNER}. Then it is bound to your contract.`,
    isSettled: true,
    retryAfterMs: null,
  };
}

interface Spec {
  readonly namespaceMappingStrategy?: unknown;
  readonly remoteNamespaceName?: unknown;
  readonly podOffloadingStrategy?: unknown;
  readonly clusterSelector?: unknown;
}

/** Both defaults are those of the kind itself. */
function isSameName(object: KubeObject, wanted: KubeObject): boolean {
  const [there, should] = [(object.spec ?? {}) as Spec, wanted.spec as Spec];
  return (
    (there.namespaceMappingStrategy ?? "DefaultName") === should.namespaceMappingStrategy &&
    (there.remoteNamespaceName ?? "") === (should.remoteNamespaceName ?? "")
  );
}

/** What makes the object as it should be, but for its names; undefined if it is. Labels and annotations of others stay. */
function patchOf(object: KubeObject, wanted: KubeObject): object | undefined {
  const [there, should] = [(object.spec ?? {}) as Spec, wanted.spec as Spec];
  const isSame =
    there.podOffloadingStrategy === should.podOffloadingStrategy &&
    isSameJson(there.clusterSelector, should.clusterSelector) &&
    object.metadata.annotations?.[CONTRACT_ANNOTATION] === wanted.metadata.annotations?.[CONTRACT_ANNOTATION];
  if (isSame) return undefined;
  const { podOffloadingStrategy, clusterSelector } = should;
  return { metadata: { annotations: wanted.metadata.annotations }, spec: { podOffloadingStrategy, clusterSelector } };
}
