import { createHash } from "node:crypto";
import type { KubeObject } from "../kube/kube-api.js";
import { tenantKey } from "./tenant-key.js";
import { identityNameOf, sliceNameOf, tenantNamespaceOf } from "./tenant-names.js";
import { ownLabels, PEER_FINGERPRINT, REMOTE, REPLICATION, TENANT_NAMESPACE } from "./tenant-labels.js";

export const AUTHENTICATION = "authentication.liqo.io/v1beta1";
export const NONCE_SECRET = "liqo-nonce";
export const SIGNED_NONCE_SECRET = "liqo-signed-nonce";
/** Name of the RoleBinding that lets the Connector into one tenant namespace. */
export const TENANT_BINDING = "catalog-connector";

/** Whose objects they are. */
export interface TenantPlace {
  readonly clusterID: string;
  readonly fingerprint: string;
  /** Namespace of that peer. */
  readonly namespace: string;
}

/** The ServiceAccount of the Connector, and the ClusterRole that it has in tenant namespaces only. */
export interface ConnectorAccount {
  readonly namespace: string;
  readonly name: string;
  readonly tenantRole: string;
}

/** What Liqo needs to let a customer in. `csr` and `publicKey` PEM, `signature` base64. */
export interface TenantParts {
  readonly publicKey: string;
  readonly csr: string;
  readonly signature: string;
}

/** How a customer reaches the provider's API server, as Liqo's Tenant tells it. Base64 where Liqo has bytes. */
export interface AuthParams {
  readonly apiServer: string;
  readonly ca?: string;
  readonly signedCRT: string;
  readonly proxyURL?: string;
}

/** The namespace in which Liqo and we keep what concerns one peer. */
export function tenantNamespace(clusterID: string, fingerprint: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: tenantNamespaceOf(clusterID),
      labels: ownLabels(clusterID, { [TENANT_NAMESPACE]: "true" }),
      annotations: { [PEER_FINGERPRINT]: fingerprint },
    },
  };
}

/** Lets the Connector read and write Secrets in one tenant namespace. */
export function tenantRoleBinding(place: TenantPlace, account: ConnectorAccount): KubeObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { ...meta(place, TENANT_BINDING) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: account.tenantRole },
    subjects: [{ kind: "ServiceAccount", name: account.name, namespace: account.namespace }],
  };
}

/** Provider: the empty Secret that Liqo fills with a nonce. */
export function nonceSecret(place: TenantPlace): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: meta(place, NONCE_SECRET, { "liqo.io/nonce": "true" }),
    type: "Opaque",
  };
}

/** Customer: the provider's nonce, to be signed by Liqo. */
export function signedNonceSecret(place: TenantPlace, nonce: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: meta(place, SIGNED_NONCE_SECRET, { "liqo.io/signed-nonce": "true" }),
    type: "Opaque",
    stringData: { nonce },
  };
}

/** Provider: the customer as Liqo is to let it in. */
export function tenant(place: TenantPlace, parts: TenantParts): KubeObject {
  return {
    apiVersion: AUTHENTICATION,
    kind: "Tenant",
    metadata: meta(place, place.clusterID),
    spec: {
      clusterID: place.clusterID,
      ...tenantKeys(parts),
      authzPolicy: "KeysExchange",
      tenantCondition: "Active",
    },
  };
}

/** The part of a Tenant that a customer proves who it is with. */
export function tenantKeys({ publicKey, csr, signature }: TenantParts): {
  readonly publicKey: string;
  readonly csr: string;
  readonly signature: string;
} {
  return { publicKey: tenantKey(publicKey), csr: base64(csr), signature };
}

/** Customer: how it reaches the provider. `namespace` is the customer's namespace at the provider. */
export function identity(place: TenantPlace, namespace: string, authParams: AuthParams): KubeObject {
  return {
    apiVersion: AUTHENTICATION,
    kind: "Identity",
    metadata: meta(place, identityNameOf(place.clusterID)),
    spec: { clusterID: place.clusterID, type: "ControlPlane", authParams, namespace },
  };
}

/** Tells one identity from another: 64 hexadecimal digits. */
export function identityDigest(namespace: unknown, authParams: Readonly<Record<string, unknown>>): string {
  const { apiServer, ca = null, signedCRT, proxyURL = null } = authParams;
  return createHash("sha256")
    .update(JSON.stringify([namespace, apiServer, ca, signedCRT, proxyURL]))
    .digest("hex");
}

/** Customer: what it wants of the provider, as quantities. Liqo replicates it there and makes a virtual node of what is granted. */
export function resourceSlice(
  place: TenantPlace,
  className: string,
  resources: Readonly<Record<string, string>>,
): KubeObject {
  const labels = { [REPLICATION]: "true", [REMOTE]: place.clusterID };
  return {
    apiVersion: AUTHENTICATION,
    kind: "ResourceSlice",
    metadata: {
      ...meta(place, sliceNameOf(place.clusterID), labels),
      annotations: { [PEER_FINGERPRINT]: place.fingerprint, "liqo.io/create-virtual-node": "true" },
    },
    spec: { class: className, providerClusterID: place.clusterID, resources },
  };
}

function meta(place: TenantPlace, name: string, labels: Readonly<Record<string, string>> = {}): KubeObject["metadata"] {
  return {
    name,
    namespace: place.namespace,
    labels: ownLabels(place.clusterID, labels),
    annotations: { [PEER_FINGERPRINT]: place.fingerprint },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
