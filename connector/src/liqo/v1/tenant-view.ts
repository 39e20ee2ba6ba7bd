import { AUTHENTICATION, NONCE_SECRET, SIGNED_NONCE_SECRET, TENANT_BINDING } from "../forge/handshake.js";
import { NETWORKING } from "../forge/network.js";
import { isOurs, labelOf, PEER_FINGERPRINT, REMOTE_CLUSTER, TENANT_NAMESPACE } from "../forge/tenant-labels.js";
import { tenantNamespaceOf } from "../forge/tenant-names.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { KubeKindMissingError } from "../kube/kube.errors.js";
import { isOwnPurchase } from "./slice-plan.js";
import { fieldsOf } from "./stages.js";

/** The network objects of one peer. */
export interface NetworkView {
  readonly configuration: KubeObject | undefined;
  readonly server: KubeObject | undefined;
  readonly client: KubeObject | undefined;
  readonly publicKey: KubeObject | undefined;
  readonly connections: readonly KubeObject[];
  /** Own key of the tunnel, base64; null until Liqo made it. */
  readonly ownKey: string | null;
}

/** Everything of one peer that is in this cluster, of both directions. Empty where its namespace is missing. */
export interface TenantView {
  readonly namespace: KubeObject | undefined;
  readonly binding: KubeObject | undefined;
  readonly nonce: KubeObject | undefined;
  readonly signedNonce: KubeObject | undefined;
  readonly tenants: readonly KubeObject[];
  readonly identities: readonly KubeObject[];
  /** Slices by which the peer buys here. */
  readonly customerSlices: readonly KubeObject[];
  /** Slices by which this cluster buys from the peer. */
  readonly ownSlices: readonly KubeObject[];
  readonly network: NetworkView;
}

const NO_NETWORK: NetworkView = {
  configuration: undefined,
  server: undefined,
  client: undefined,
  publicKey: undefined,
  connections: [],
  ownKey: null,
};
/** Where there is no namespace of the peer. */
export const NOTHING_THERE: TenantView = {
  namespace: undefined,
  binding: undefined,
  nonce: undefined,
  signedNonce: undefined,
  tenants: [],
  identities: [],
  customerSlices: [],
  ownSlices: [],
  network: NO_NETWORK,
};

/** What is looked for. */
export interface ViewQuery {
  readonly clusterID: string;
  readonly ownID: string;
  /** Whether Secrets can be read only once our RoleBinding is there. */
  readonly needsBinding: boolean;
  readonly withNetwork: boolean;
}

/** Reads everything of one peer. */
export async function viewTenant(kube: KubeApi, query: ViewQuery): Promise<TenantView> {
  const namespace = await findNamespace(kube, query.clusterID);
  if (namespace === undefined) return NOTHING_THERE;
  const { name } = namespace.metadata;
  const inside = (apiVersion: string, kind: string): Promise<KubeObject[]> =>
    kube.list({ apiVersion, kind }, { namespace: name });
  const binding = await kube.get({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    namespace: name,
    name: TENANT_BINDING,
  });
  const secret = async (secretName: string): Promise<KubeObject | undefined> =>
    query.needsBinding && binding === undefined
      ? undefined
      : await kube.get({ apiVersion: "v1", kind: "Secret", namespace: name, name: secretName });
  const [nonce, signedNonce] = [await secret(NONCE_SECRET), await secret(SIGNED_NONCE_SECRET)];
  const [tenants, identities, slices] = await Promise.all([
    inside(AUTHENTICATION, "Tenant"),
    inside(AUTHENTICATION, "Identity"),
    inside(AUTHENTICATION, "ResourceSlice"),
  ]);
  return {
    namespace,
    binding,
    nonce,
    signedNonce,
    tenants,
    identities: identities.filter((identity) => !isOrphan(identity, slices)),
    customerSlices: slices.filter((slice) => !isOwnPurchase(slice, query.ownID)),
    ownSlices: slices.filter((slice) => isOwnPurchase(slice, query.ownID)),
    network: query.withNetwork ? await viewNetwork(kube, name, query.clusterID, secret).catch(noNetwork) : NO_NETWORK,
  };
}

/** Whether Liqo made it for a slice that is gone: Kubernetes collects it, and nobody uses the namespace because of it. */
function isOrphan({ metadata }: KubeObject, slices: readonly KubeObject[]): boolean {
  const owners = metadata.ownerReferences ?? [];
  const isGone = (uid: string): boolean => slices.every((slice) => slice.metadata.uid !== uid);
  return owners.length > 0 && owners.every(({ kind, uid }) => kind === "ResourceSlice" && isGone(uid));
}

async function findNamespace(kube: KubeApi, clusterID: string): Promise<KubeObject | undefined> {
  const labelSelector = `${REMOTE_CLUSTER}=${clusterID},${TENANT_NAMESPACE}=true`;
  const name = tenantNamespaceOf(clusterID);
  const found = await kube.list({ apiVersion: "v1", kind: "Namespace" }, { labelSelector });
  const usual = found.find(({ metadata }) => metadata.name === name);
  return usual ?? found[0] ?? (await kube.get({ apiVersion: "v1", kind: "Namespace", name }));
}

async function viewNetwork(
  kube: KubeApi,
  namespace: string,
  name: string,
  secret: (name: string) => Promise<KubeObject | undefined>,
): Promise<NetworkView> {
  const get = (kind: string): Promise<KubeObject | undefined> =>
    kube.get({ apiVersion: NETWORKING, kind, namespace, name });
  const [configuration, server, client, publicKey, connections] = await Promise.all([
    get("Configuration"),
    get("GatewayServer"),
    get("GatewayClient"),
    get("PublicKey"),
    kube.list({ apiVersion: NETWORKING, kind: "Connection" }, { namespace }),
  ]);
  const keySecret = fieldsOf(fieldsOf((server ?? client)?.status)["secretRef"])["name"];
  const ownKey = typeof keySecret === "string" ? ((await secret(keySecret))?.data?.["publicKey"] ?? null) : null;
  return { configuration, server, client, publicKey, connections, ownKey };
}

/** Liqo may be installed without its kinds for networks. Where one is wanted, making its objects says so. */
function noNetwork(error: unknown): NetworkView {
  if (error instanceof KubeKindMissingError) return NO_NETWORK;
  throw error;
}

/** Whether the namespace was made by us for another identity that claims the same cluster id. */
export function isOfAnother(view: TenantView, fingerprint: string): boolean {
  const { namespace } = view;
  if (namespace === undefined || !isOurs(namespace)) return false;
  const peer = namespace.metadata.annotations?.[PEER_FINGERPRINT];
  return peer !== undefined && peer !== fingerprint;
}

/** Whether the labels by which Liqo finds the namespace are right. */
export function isLabelled(namespace: KubeObject, clusterID: string): boolean {
  return labelOf(namespace, REMOTE_CLUSTER) === clusterID && labelOf(namespace, TENANT_NAMESPACE) === "true";
}

/** The conditions of a slice, for people. */
export function shownConditions(
  slices: readonly KubeObject[],
): readonly { type: string; status: string; reason: string; message: string }[] {
  return slices.flatMap((slice) => {
    const { conditions } = fieldsOf(slice.status);
    if (!Array.isArray(conditions)) return [];
    return conditions.map((condition) => {
      const { type, status, reason, message } = fieldsOf(condition);
      const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, 500) : "");
      return { type: text(type), status: text(status), reason: text(reason), message: text(message) };
    });
  });
}
