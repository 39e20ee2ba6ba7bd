import type { PeerUsage, UsingPod, UsingService, UsingVolume } from "../../domain/end-rehearsal.js";
import type { PeeringSide } from "../../services/peerings/peering-ports.js";
import { isTaking, podRequests, type PodForCapacity } from "../capacity/pod-requests.js";
import { isLabelValue } from "../forge/kube-names.js";
import { REMOTE_CLUSTER_LABEL, VIRTUAL_NODE, VIRTUAL_NODE_LABEL } from "../forge/namespace-offloading.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";

type Pod = KubeObject & PodForCapacity;

interface Claim extends KubeObject {
  readonly spec?: {
    readonly volumeName?: string;
    readonly storageClassName?: string;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  };
}

interface LabelRule {
  readonly key?: string;
  readonly values?: readonly string[];
}

interface Volume extends KubeObject {
  readonly spec?: {
    readonly nodeAffinity?: {
      readonly required?: {
        readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: readonly LabelRule[] }[];
      };
    };
  };
}

interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly { readonly nodeName?: string }[] | null;
}

/** The annotation by which the scheduler tells a provisioner where a volume is to be. */
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const SERVICE_NAME = "kubernetes.io/service-name";
const HOST_NAME = "kubernetes.io/hostname";

/** What runs on a provider's resources (CUSTOMER), or of a customer here (PROVIDER). @throws KubeError. */
export async function readUsage(
  kube: KubeApi,
  side: PeeringSide,
  clusterID: string,
  originLabel: string,
): Promise<PeerUsage> {
  if (!isLabelValue(clusterID)) return { pods: [], volumes: [], services: [] };
  return side === "CUSTOMER" ? usageAtProvider(kube, clusterID) : usageHere(kube, `${originLabel}=${clusterID}`);
}

async function usageAtProvider(kube: KubeApi, providerID: string): Promise<PeerUsage> {
  const labelSelector = `${VIRTUAL_NODE_LABEL}=${VIRTUAL_NODE},${REMOTE_CLUSTER_LABEL}=${providerID}`;
  const nodes = await kube.list({ apiVersion: "v1", kind: "Node" }, { labelSelector });
  const there = new Set(nodes.map(({ metadata }) => metadata.name));
  const [pods, claims, volumes, slices] = await Promise.all([
    there.size === 0 ? [] : kube.list({ apiVersion: "v1", kind: "Pod" }),
    kube.list({ apiVersion: "v1", kind: "PersistentVolumeClaim" }),
    kube.list({ apiVersion: "v1", kind: "PersistentVolume" }),
    there.size === 0 ? [] : kube.list({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" }),
  ]);
  const remote = new Set((volumes as Volume[]).filter((one) => isAt(one, providerID, there)).map(nameOf));
  return {
    pods: (pods as Pod[]).filter((pod) => isTaking(pod) && there.has(pod.spec?.nodeName ?? "")).map(usingPod),
    volumes: (claims as Claim[])
      .filter((claim) => remote.has(claim.spec?.volumeName ?? "") || there.has(annotation(claim, SELECTED_NODE)))
      .map(usingVolume),
    services: servicesAt(slices as EndpointSlice[], there),
  };
}

/** What the provider sees of a customer: its pods. Their volumes and services are the customer's to tell. */
async function usageHere(kube: KubeApi, labelSelector: string): Promise<PeerUsage> {
  const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, { labelSelector });
  return { pods: (pods as Pod[]).filter(isTaking).map(usingPod), volumes: [], services: [] };
}

function usingPod(pod: Pod): UsingPod {
  const { name, namespace = "" } = pod.metadata;
  return { namespace, name, node: pod.spec?.nodeName ?? "", requests: podRequests(pod) };
}

function usingVolume({ metadata, spec }: Claim): UsingVolume {
  const { name, namespace = "" } = metadata;
  const size = spec?.resources?.requests?.["storage"] ?? null;
  return { namespace, name, storageClass: spec?.storageClassName ?? null, size };
}

/** Whether the data of a volume is on one of those nodes: Liqo's own volumes name the cluster, others may name the node. */
function isAt(volume: Volume, providerID: string, nodes: ReadonlySet<string>): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some((term) =>
    (term.matchExpressions ?? []).some(
      ({ key, values = [] }) =>
        (key === REMOTE_CLUSTER_LABEL && values.includes(providerID)) ||
        (key === HOST_NAME && values.some((value) => nodes.has(value))),
    ),
  );
}

function servicesAt(slices: readonly EndpointSlice[], nodes: ReadonlySet<string>): readonly UsingService[] {
  const services = new Map<string, UsingService>();
  for (const { metadata, endpoints } of slices) {
    const name = metadata.labels?.[SERVICE_NAME];
    const { namespace = "" } = metadata;
    if (name === undefined) continue;
    const all = endpoints ?? [];
    const here = all.filter((endpoint) => nodes.has(endpoint.nodeName ?? "")).length;
    const key = `${namespace}/${name}`;
    const { endpoints: known = 0, otherEndpoints: others = 0 } = services.get(key) ?? {};
    services.set(key, { namespace, name, endpoints: known + here, otherEndpoints: others + all.length - here });
  }
  return [...services.values()].filter((service) => service.endpoints > 0);
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}

function annotation({ metadata }: KubeObject, name: string): string {
  return metadata.annotations?.[name] ?? "";
}
