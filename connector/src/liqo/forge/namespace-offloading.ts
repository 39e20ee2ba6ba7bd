import type { KubeObject, ObjectRef } from "../kube/kube-api.js";
import { CONTRACT_ANNOTATION, OWNER, OWNER_LABEL } from "./ownership.js";

/** v1alpha1 for Liqo 0.7 to 0.10, v1beta1 from 1.0 on. */
export type OffloadingVersion = "offloading.liqo.io/v1alpha1" | "offloading.liqo.io/v1beta1";

/** Nodes that pods of the namespace may be on: those of one provider. */
export interface OffloadingProvider {
  /** Liqo's id of the cluster that sold. */
  readonly clusterID: string;
  /** Labels of its virtual nodes, where it sold several kinds of nodes. */
  readonly nodeLabels: Readonly<Record<string, string>>;
}

export interface OffloadingInput {
  readonly apiVersion: OffloadingVersion;
  readonly namespace: string;
  readonly contractIDs: readonly string[];
  /** One or more: without any, Liqo would take every cluster. No other cluster gets pods of this namespace. */
  readonly providers: readonly [OffloadingProvider, ...OffloadingProvider[]];
  /** Where the pods of the namespace run: here, on the purchase, or wherever the scheduler finds room. */
  readonly strategy: "Local" | "Remote" | "LocalAndRemote";
  /** How the namespace is called over there. SelectedName, with `remoteNamespace`, only from 0.10 on. */
  readonly mapping: "DefaultName" | "EnforceSameName" | "SelectedName";
  readonly remoteNamespace: string | null;
}

/** Labels that Liqo puts on the virtual node of a provider, all versions. */
export const VIRTUAL_NODE_LABEL = "liqo.io/type";
export const VIRTUAL_NODE = "virtual-node";
export const REMOTE_CLUSTER_LABEL = "liqo.io/remote-cluster-id";

/** Liqo accepts one for each namespace, of this name. */
export function namespaceOffloadingRef(apiVersion: OffloadingVersion, namespace: string): ObjectRef {
  return { apiVersion, kind: "NamespaceOffloading", namespace, name: "offloading" };
}

/** Lets the pods of a namespace run on the resources of providers. Only pods that are made after it are affected. */
export function namespaceOffloading(input: OffloadingInput): KubeObject {
  const { apiVersion, kind, name } = namespaceOffloadingRef(input.apiVersion, input.namespace);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: input.namespace,
      labels: { [OWNER_LABEL]: OWNER },
      annotations: { [CONTRACT_ANNOTATION]: [...input.contractIDs].sort().join(",") },
    },
    spec: {
      namespaceMappingStrategy: input.mapping,
      ...(input.mapping === "SelectedName" && input.remoteNamespace !== null
        ? { remoteNamespaceName: input.remoteNamespace }
        : {}),
      podOffloadingStrategy: input.strategy,
      clusterSelector: { nodeSelectorTerms: selectorTerms(input.providers) },
    },
  };
}

/** What a label of a node must be. */
export interface LabelRule {
  readonly key: string;
  readonly operator: "In";
  readonly values: readonly [string];
}

/** One term for each kind of node; a node is chosen when all rules of one of them hold. The same for providers in any order. */
export function selectorTerms(
  providers: readonly OffloadingProvider[],
): readonly { readonly matchExpressions: readonly LabelRule[] }[] {
  const terms = providers.map(({ clusterID, nodeLabels }) => ({
    matchExpressions: Object.entries({ ...nodeLabels, [REMOTE_CLUSTER_LABEL]: clusterID })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]): LabelRule => ({ key, operator: "In", values: [value] })),
  }));
  const byText = new Map(terms.map((term) => [JSON.stringify(term), term]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, term]) => term);
}
