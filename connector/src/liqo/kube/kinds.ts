import type { KubeKind, ObjectRef } from "./kube-api.js";

interface KindEntry {
  readonly plural: string;
  readonly isNamespaced: boolean;
}

const namespaced = (plural: string): KindEntry => ({ plural, isNamespaced: true });
const clusterWide = (plural: string): KindEntry => ({ plural, isNamespaced: false });

/** apiVersion/kind → how the API server calls it. Fixed, so that no discovery is needed and no other group's kind is taken by mistake. */
const KINDS: Readonly<Record<string, KindEntry>> = {
  "v1/ConfigMap": namespaced("configmaps"),
  "v1/Event": namespaced("events"),
  "v1/Namespace": clusterWide("namespaces"),
  "v1/Node": clusterWide("nodes"),
  "v1/PersistentVolume": clusterWide("persistentvolumes"),
  "v1/PersistentVolumeClaim": namespaced("persistentvolumeclaims"),
  "v1/Pod": namespaced("pods"),
  "v1/ResourceQuota": namespaced("resourcequotas"),
  "v1/Secret": namespaced("secrets"),
  "v1/Service": namespaced("services"),
  "v1/ServiceAccount": namespaced("serviceaccounts"),
  "apps/v1/Deployment": namespaced("deployments"),
  "discovery.k8s.io/v1/EndpointSlice": namespaced("endpointslices"),
  "apiextensions.k8s.io/v1/CustomResourceDefinition": clusterWide("customresourcedefinitions"),
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": clusterWide("validatingadmissionpolicies"),
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": clusterWide("validatingadmissionpolicybindings"),
  "authentication.k8s.io/v1/SelfSubjectReview": clusterWide("selfsubjectreviews"),
  "authorization.k8s.io/v1/SelfSubjectAccessReview": clusterWide("selfsubjectaccessreviews"),
  "authorization.k8s.io/v1/SelfSubjectRulesReview": clusterWide("selfsubjectrulesreviews"),
  "certificates.k8s.io/v1/CertificateSigningRequest": clusterWide("certificatesigningrequests"),
  "rbac.authorization.k8s.io/v1/ClusterRole": clusterWide("clusterroles"),
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": clusterWide("clusterrolebindings"),
  "rbac.authorization.k8s.io/v1/Role": namespaced("roles"),
  "rbac.authorization.k8s.io/v1/RoleBinding": namespaced("rolebindings"),
  "discovery.liqo.io/v1alpha1/ForeignCluster": clusterWide("foreignclusters"),
  "discovery.liqo.io/v1alpha1/ResourceRequest": namespaced("resourcerequests"),
  "sharing.liqo.io/v1alpha1/ResourceOffer": namespaced("resourceoffers"),
  "offloading.liqo.io/v1alpha1/NamespaceOffloading": namespaced("namespaceoffloadings"),
  "offloading.liqo.io/v1beta1/NamespaceOffloading": namespaced("namespaceoffloadings"),
  "offloading.liqo.io/v1beta1/NamespaceMap": namespaced("namespacemaps"),
  "offloading.liqo.io/v1beta1/Quota": namespaced("quotas"),
  "offloading.liqo.io/v1beta1/VirtualNode": namespaced("virtualnodes"),
  "authentication.liqo.io/v1beta1/Identity": namespaced("identities"),
  "authentication.liqo.io/v1beta1/Renew": namespaced("renews"),
  "authentication.liqo.io/v1beta1/ResourceSlice": namespaced("resourceslices"),
  "authentication.liqo.io/v1beta1/Tenant": namespaced("tenants"),
  "core.liqo.io/v1beta1/ForeignCluster": clusterWide("foreignclusters"),
  "ipam.liqo.io/v1alpha1/Network": namespaced("networks"),
  "networking.liqo.io/v1beta1/Configuration": namespaced("configurations"),
  "networking.liqo.io/v1beta1/Connection": namespaced("connections"),
  "networking.liqo.io/v1beta1/GatewayClient": namespaced("gatewayclients"),
  "networking.liqo.io/v1beta1/GatewayServer": namespaced("gatewayservers"),
  // The CRD's own spelling.
  "networking.liqo.io/v1beta1/PublicKey": namespaced("publickeies"),
  "networking.liqo.io/v1beta1/WgGatewayClientTemplate": namespaced("wggatewayclienttemplates"),
  "networking.liqo.io/v1beta1/WgGatewayServerTemplate": namespaced("wggatewayservertemplates"),
};

function entryOf(kind: KubeKind): KindEntry {
  const key = `${kind.apiVersion}/${kind.kind}`;
  const entry = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
  if (entry === undefined) throw new TypeError(`${key} is not in the table of kinds`);
  return entry;
}

/** `resource.group` as RBAC and people write it: `tenants.authentication.liqo.io`, `secrets`. */
export function resourceOf(kind: KubeKind): string {
  const { plural } = entryOf(kind);
  const slash = kind.apiVersion.indexOf("/");
  return slash < 0 ? plural : `${plural}.${kind.apiVersion.slice(0, slash)}`;
}

/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath(kind: KubeKind, namespace?: string): string {
  const { plural, isNamespaced } = entryOf(kind);
  const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  if (!isNamespaced || namespace === undefined) return `${root}/${plural}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** Path of one object. @throws TypeError for a namespaced kind without a namespace and for a name that is none. */
export function objectPath(ref: ObjectRef): string {
  if (entryOf(ref).isNamespaced && (ref.namespace ?? "") === "")
    throw new TypeError(`${describeRef(ref)}: a ${ref.kind} lives in a namespace`);
  if (ref.name === "" || ref.name === "." || ref.name === "..") throw new TypeError(`"${ref.name}" is not a name`);
  return `${collectionPath(ref, ref.namespace)}/${encodeURIComponent(ref.name)}`;
}

/** As people say it: `Secret liqo/auth-token`, `ForeignCluster turin`. */
export function describeRef(ref: ObjectRef): string {
  const { isNamespaced } = entryOf(ref);
  return isNamespaced && ref.namespace !== undefined
    ? `${ref.kind} ${ref.namespace}/${ref.name}`
    : `${ref.kind} ${ref.name}`;
}
