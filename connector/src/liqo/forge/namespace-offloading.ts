import type { KubeObject, ObjectRef } from "../kube/kube-api.js";
import { CONTRACT_ANNOTATION, OWNER, OWNER_LABEL } from "./ownership.js";

/** v1alpha1 for Liqo 0.7 to 0.10, v1beta1 from 1.0 on. */
export type OffloadingVersion = "offloading.liqo.io/v1alpha1" | "offloading.liqo.io/v1beta1";

/** Where the pods of the namespace run: here, on the purchase, or wherever the scheduler finds room. */
export type PodStrategy = "Local" | "Remote" | "LocalAndRemote";

export interface OffloadingInput {
  readonly apiVersion: OffloadingVersion;
  readonly namespace: string;
  readonly contractID: string;
  /** Liqo's id of the cluster that sold: no other cluster gets pods of this namespace. */
  readonly providerID: string;
  readonly strategy: PodStrategy;
  /** How the namespace is called over there. SelectedName, with `remoteNamespace`, only from 0.9 on. */
  readonly mapping: "DefaultName" | "EnforceSameName" | "SelectedName";
  readonly remoteNamespace?: string;
  /** Labels of the virtual node, where one provider sold several kinds of nodes. */
  readonly nodeLabels?: Readonly<Record<string, string>>;
}

/** Labels that Liqo puts on the virtual node of a provider, all versions. */
export const VIRTUAL_NODE_LABEL = "liqo.io/type";
export const VIRTUAL_NODE = "virtual-node";
export const REMOTE_CLUSTER_LABEL = "liqo.io/remote-cluster-id";

/** Liqo accepts one for each namespace, of this name. */
export function namespaceOffloadingRef(apiVersion: OffloadingVersion, namespace: string): ObjectRef {
  return { apiVersion, kind: "NamespaceOffloading", namespace, name: "offloading" };
}

/** Lets the pods of a namespace run on one provider's resources. Only pods that are made after it are affected. */
export function namespaceOffloading(input: OffloadingInput): KubeObject {
  const { apiVersion, kind, name } = namespaceOffloadingRef(input.apiVersion, input.namespace);
  const labels = { ...input.nodeLabels, [REMOTE_CLUSTER_LABEL]: input.providerID };
  const matchExpressions = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, operator: "In", values: [value] }));
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: input.namespace,
      labels: { [OWNER_LABEL]: OWNER },
      annotations: { [CONTRACT_ANNOTATION]: input.contractID },
    },
    spec: {
      namespaceMappingStrategy: input.mapping,
      ...(input.mapping === "SelectedName" && input.remoteNamespace !== undefined
        ? { remoteNamespaceName: input.remoteNamespace }
        : {}),
      podOffloadingStrategy: input.strategy,
      clusterSelector: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  };
}
