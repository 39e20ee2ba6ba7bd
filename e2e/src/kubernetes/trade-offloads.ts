import { waitFor } from "@catalog/server/testing/wait-for";
import type { GraphqlClient } from "../harness/graphql-client.js";
import type { KubeClient } from "./rig/kube-client.js";
import type { KubeObject } from "./rig/kube-object.js";
import { SOON } from "./trade-world.js";

/** An offloading as its Connector tells it. */
export interface OffloadingView {
  readonly contractID: string;
  readonly namespace: string;
  readonly strategy: string;
  readonly phase: string;
  readonly message: string;
  readonly whatToDo: string | null;
  readonly lastError: string | null;
  readonly manifests: string | null;
}

interface Bounded {
  readonly total: number;
  readonly items: readonly { readonly namespace: string; readonly name: string }[];
}

/** What a Connector says that the end of a contract would leave. */
export interface RehearsalView {
  readonly looked: boolean;
  readonly message: string;
  readonly otherContractIDs: readonly string[];
  readonly excess: Readonly<Record<string, string>>;
  readonly pods: Bounded;
  readonly volumes: Bounded;
  readonly services: Bounded;
  readonly namespaces: { readonly items: readonly { readonly namespace: string }[] };
}

const OFFLOADING = "{ contractID namespace strategy phase message whatToDo lastError manifests }";
const LISTED = "{ total items { namespace name } }";

export async function offload(
  api: GraphqlClient,
  contractID: string,
  namespace: string,
  strategy = "REMOTE",
): Promise<OffloadingView> {
  const answer = await api.request<{ offloadNamespace: OffloadingView }>(
    `mutation ($id: ID!, $namespace: String!, $strategy: PodOffloadingStrategy!) {
      offloadNamespace(contractID: $id, namespace: $namespace, strategy: $strategy) ${OFFLOADING} }`,
    { id: contractID, namespace, strategy },
  );
  return answer.offloadNamespace;
}

export async function stopOffloading(
  api: GraphqlClient,
  contractID: string,
  namespace: string,
): Promise<OffloadingView> {
  const answer = await api.request<{ stopOffloading: OffloadingView }>(
    `mutation ($id: ID!, $namespace: String!) { stopOffloading(contractID: $id, namespace: $namespace) ${OFFLOADING} }`,
    { id: contractID, namespace },
  );
  return answer.stopOffloading;
}

export async function offloadingsOf(api: GraphqlClient): Promise<readonly OffloadingView[]> {
  return (await api.request<{ offloadings: readonly OffloadingView[] }>(`{ offloadings ${OFFLOADING} }`)).offloadings;
}

export async function rehearseEnd(api: GraphqlClient, contractID: string): Promise<RehearsalView> {
  const answer = await api.request<{ rehearseEnd: RehearsalView }>(
    `query ($id: ID!) { rehearseEnd(contractID: $id) { looked message otherContractIDs excess
      pods ${LISTED} volumes ${LISTED} services ${LISTED} namespaces { items { namespace } } } }`,
    { id: contractID },
  );
  return answer.rehearseEnd;
}

/** Waits until every offloading of a Connector stands so; throws how they stand instead. */
export async function expectPhase(api: GraphqlClient, phase: string): Promise<void> {
  await waitFor(async () => {
    const all = await offloadingsOf(api);
    if (all.length > 0 && all.every((one) => one.phase === phase)) return true;
    throw new Error(`not ${phase}: ${JSON.stringify(all)}`);
  }, SOON);
}

/** A namespace in which pods can be made: its account is there. */
export async function makeNamespace(kube: KubeClient, name: string): Promise<void> {
  await kube.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const account = { apiVersion: "v1", kind: "ServiceAccount", namespace: name, name: "default" };
  await waitFor(async () => (await kube.get(account)) !== undefined, SOON);
}

export function podOf(namespace: string, name: string, cpu: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name } },
    spec: { containers: [{ name: "main", image: "nginx", resources: { requests: { cpu, memory: "64Mi" } } }] },
  };
}

/** A claim that the scheduler wants on that node, as it says it to a provisioner. */
export function claimOf(namespace: string, name: string, node: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace, annotations: { "volume.kubernetes.io/selected-node": node } },
    spec: {
      storageClassName: "liqo",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
    },
  };
}

/** What Kubernetes makes for a service with one pod. */
export function endpointsOf(namespace: string, service: string, node: string): KubeObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${service}-1`, namespace, labels: { "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.2.3"], nodeName: node, conditions: { ready: true } }],
    ports: [{ port: 80 }],
  };
}

/** Removes claims and their volumes; no controller is there that takes off their protection. */
export async function removeClaims(kube: KubeClient, namespace: string): Promise<void> {
  const selection = { namespace };
  const claims = await kube.list({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, selection);
  const volumes = await kube.list({ apiVersion: "v1", kind: "PersistentVolume" });
  for (const { apiVersion, kind, metadata } of [...claims, ...volumes]) {
    const ref = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name ?? "" };
    await kube.remove(ref);
    if (await kube.get(ref)) await kube.patch(ref, { metadata: { finalizers: null } });
  }
}
