import type { KubeObject } from "../kube/kube-api.js";
import { MANAGED_BY, MANAGER } from "./tenant-labels.js";

/** ClusterRole of the Connector in the namespaces of its peers. */
export const TENANT_ROLE = "catalog-connector-tenant";

/** A rule of RBAC. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** `auto`: whichever Liqo will be there, so the rights for both. */
export type RoleMode = "v0" | "v1" | "auto";

/** Whose roles, and where. */
export interface RoleOptions {
  readonly mode: RoleMode;
  /** Namespace of the Connector. */
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly liqoNamespace: string;
  /** Name of the ClusterRole for tenant namespaces. */
  readonly tenantRole: string;
}

/** Where a right holds: in the whole cluster, in Liqo's namespace, in the Connector's own, or in the namespace of each peer. */
type Place = "cluster" | "liqo" | "own" | "tenant";

interface Right {
  readonly modes: readonly Exclude<RoleMode, "auto">[];
  readonly place: Place;
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: string;
  readonly names?: readonly string[];
}

const BOTH: Right["modes"] = ["v0", "v1"];
const V0: Right["modes"] = ["v0"];
const V1: Right["modes"] = ["v1"];
const SEE = "list watch";
const KEEP = "list watch create patch delete";

/**
 * Everything that a Connector may do, each with what it is for. There is no other list: what is applied, what is tested and what the chart
 * installs is made from it. A watch begins with a list.
 */
function rights(options: RoleOptions): readonly Right[] {
  return [
    // Capacity, and what the end of a contract would leave on its virtual node.
    { modes: BOTH, place: "cluster", group: "", resources: ["nodes", "pods"], verbs: "list" },
    // Whether a namespace that is to be offloaded is there; v1: which one belongs to a peer.
    { modes: BOTH, place: "cluster", group: "", resources: ["namespaces"], verbs: "get list" },
    // The one object of a namespace by which Liqo offloads it.
    {
      modes: BOTH,
      place: "cluster",
      group: "offloading.liqo.io",
      resources: ["namespaceoffloadings"],
      verbs: `get ${KEEP}`,
    },
    // What would be lost if a contract ended.
    {
      modes: BOTH,
      place: "cluster",
      group: "",
      resources: ["persistentvolumeclaims", "persistentvolumes"],
      verbs: "list",
    },
    // Which services would lose pods then.
    { modes: BOTH, place: "cluster", group: "discovery.k8s.io", resources: ["endpointslices"], verbs: "list" },
    // What Liqo calls this cluster.
    {
      modes: BOTH,
      place: "liqo",
      group: "",
      resources: ["configmaps"],
      verbs: "get",
      names: ["liqo-clusterid-configmap"],
    },
    // The same where Liqo's chart was given another name: found by its label.
    { modes: BOTH, place: "liqo", group: "", resources: ["configmaps"], verbs: "list" },
    // Liqo's version, from the image of its controller manager.
    {
      modes: BOTH,
      place: "liqo",
      group: "apps",
      resources: ["deployments"],
      verbs: "get",
      names: ["liqo-controller-manager"],
    },
    ...version0(),
    ...version1(options),
  ];
}

function version0(): readonly Right[] {
  const discovery = "discovery.liqo.io";
  return [
    // Peerings: ours are made, others are read; the customer's incoming one is opened and closed.
    { modes: V0, place: "cluster", group: discovery, resources: ["foreignclusters"], verbs: KEEP },
    // Who asks for resources; an annotation makes Liqo look again.
    { modes: V0, place: "cluster", group: discovery, resources: ["resourcerequests"], verbs: `${SEE} patch` },
    // What Liqo has offered to whom.
    { modes: V0, place: "cluster", group: "sharing.liqo.io", resources: ["resourceoffers"], verbs: SEE },
    // Whether the virtual node of a provider is ready.
    { modes: V0, place: "cluster", group: "", resources: ["nodes"], verbs: "watch" },
    // The address at which peers reach Liqo here.
    { modes: V0, place: "liqo", group: "", resources: ["services"], verbs: "get", names: ["liqo-auth"] },
    // The token that a customer needs, encrypted for it.
    { modes: V0, place: "liqo", group: "", resources: ["secrets"], verbs: "get", names: ["auth-token"] },
    // An identity that a customer has lost is forgotten, in whatever namespace Liqo keeps that customer.
    {
      modes: V0,
      place: "cluster",
      group: "",
      resources: ["secrets"],
      verbs: "delete",
      names: ["liqo-remote-certificate"],
    },
    // The token of each provider, named after it, so that no list of names can be given.
    { modes: V0, place: "liqo", group: "", resources: ["secrets"], verbs: "get create patch delete" },
  ];
}

function version1(options: RoleOptions): readonly Right[] {
  return [...peers1(), ...networks1(), ...access1(options)];
}

/** v1: who may use what. */
function peers1(): readonly Right[] {
  const authentication = "authentication.liqo.io";
  const offloading = "offloading.liqo.io";
  return [
    // Who is let in, who lets us in, and what is asked for on both sides.
    {
      modes: V1,
      place: "cluster",
      group: authentication,
      resources: ["resourceslices", "tenants", "identities"],
      verbs: KEEP,
    },
    // What a customer is granted; a slice that somebody has touched meanwhile is read again.
    { modes: V1, place: "cluster", group: authentication, resources: ["resourceslices"], verbs: "get" },
    { modes: V1, place: "cluster", group: authentication, resources: ["resourceslices/status"], verbs: "update" },
    // What Liqo has given: a Quota counts until it is gone, and a virtual node is what was bought.
    { modes: V1, place: "cluster", group: offloading, resources: ["quotas", "virtualnodes"], verbs: SEE },
    // What Liqo takes away only as long as the customer has access, and the provider's copies of it.
    { modes: V1, place: "cluster", group: offloading, resources: ["namespacemaps"], verbs: "list" },
    { modes: V1, place: "cluster", group: authentication, resources: ["renews"], verbs: "list delete" },
    // How Liqo says that a peering stands.
    { modes: V1, place: "cluster", group: "core.liqo.io", resources: ["foreignclusters"], verbs: `get ${SEE}` },
    // Why Liqo does not let a customer in.
    { modes: V1, place: "cluster", group: "", resources: ["events"], verbs: "list" },
  ];
}

/** v1: where networks are connected. */
function networks1(): readonly Right[] {
  const networking = "networking.liqo.io";
  return [
    // The ends of the tunnel, where networks are connected.
    {
      modes: V1,
      place: "cluster",
      group: networking,
      resources: ["gatewayservers", "gatewayclients"],
      verbs: `get ${KEEP}`,
    },
    // The other side's address ranges and key.
    {
      modes: V1,
      place: "cluster",
      group: networking,
      resources: ["configurations", "publickeies"],
      verbs: "get create patch delete",
    },
    // Whether the tunnel is up.
    { modes: V1, place: "cluster", group: networking, resources: ["connections"], verbs: SEE },
    // This cluster's own address ranges, for the peer.
    {
      modes: V1,
      place: "liqo",
      group: "ipam.liqo.io",
      resources: ["networks"],
      verbs: "get",
      names: ["pod-cidr", "external-cidr"],
    },
  ];
}

/** v1: what it takes to have a place for each peer, and to know that nobody gets past it. */
function access1({ tenantRole }: RoleOptions): readonly Right[] {
  const rbac = "rbac.authorization.k8s.io";
  return [
    // The namespace of each peer; the fence keeps this to names that begin like one.
    { modes: V1, place: "cluster", group: "", resources: ["namespaces"], verbs: "create delete" },
    // The Connector lets itself into those namespaces, and nobody else: the fence looks at what is bound.
    { modes: V1, place: "cluster", group: rbac, resources: ["rolebindings"], verbs: "get create delete" },
    // Without it the API server lets nobody bind what he has not himself.
    { modes: V1, place: "cluster", group: rbac, resources: ["clusterroles"], verbs: "bind", names: [tenantRole] },
    // Whether the policies that keep peers within their contracts are there.
    {
      modes: V1,
      place: "cluster",
      group: "admissionregistration.k8s.io",
      resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
      verbs: "get",
    },
    // The nonces of the handshake, and the own key of a tunnel.
    { modes: V1, place: "tenant", group: "", resources: ["secrets"], verbs: "get create patch delete" },
    // The key that certificate requests are signed with.
    { modes: V1, place: "liqo", group: "", resources: ["secrets"], verbs: "get", names: ["authentication-keys"] },
    // The lists that the policies read.
    {
      modes: V1,
      place: "own",
      group: "",
      resources: ["configmaps"],
      verbs: "get",
      names: ["catalog-policy-parameters"],
    },
  ];
}

/** The rules that hold at one place. */
export function rulesOf(place: Place, options: RoleOptions): readonly PolicyRule[] {
  return rights(options)
    .filter((right) => right.place === place && (options.mode === "auto" || right.modes.includes(options.mode)))
    .map(({ group, resources, verbs, names }) => ({
      apiGroups: [group],
      resources,
      verbs: verbs.split(" "),
      ...(names === undefined ? {} : { resourceNames: names }),
    }));
}

const RBAC = "rbac.authorization.k8s.io";

/** The roles and their bindings, ready to be applied by an admin. */
export function roleObjects(options: RoleOptions): readonly KubeObject[] {
  const name = "catalog-connector";
  const tenant = rulesOf("tenant", options);
  return [
    role("ClusterRole", { name }, rulesOf("cluster", options)),
    roleBinding("ClusterRoleBinding", { name }, { kind: "ClusterRole", name }, options),
    ...(tenant.length === 0 ? [] : [role("ClusterRole", { name: options.tenantRole }, tenant)]),
    ...namespacedRole(name, options.liqoNamespace, rulesOf("liqo", options), options),
    ...namespacedRole(`${name}-own`, options.namespace, rulesOf("own", options), options),
  ];
}

/** What a Connector needs that keeps its keys in a Secret of its namespace; it makes that Secret itself. */
export function identityRole(
  options: Pick<RoleOptions, "namespace" | "serviceAccount">,
  secret: string,
): readonly KubeObject[] {
  const own = { apiGroups: [""], resources: ["secrets"] };
  const rules = [
    { ...own, verbs: ["get", "update"], resourceNames: [secret] },
    // No name can be given: what is created has none when the right is looked up.
    { ...own, verbs: ["create"] },
  ];
  return namespacedRole("catalog-connector-identity", options.namespace, rules, options);
}

function namespacedRole(
  name: string,
  namespace: string,
  rules: readonly PolicyRule[],
  options: Pick<RoleOptions, "namespace" | "serviceAccount">,
): readonly KubeObject[] {
  if (rules.length === 0) return [];
  return [
    role("Role", { name, namespace }, rules),
    roleBinding("RoleBinding", { name, namespace }, { kind: "Role", name }, options),
  ];
}

function role(kind: string, metadata: KubeObject["metadata"], rules: readonly PolicyRule[]): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { ...metadata, labels: { [MANAGED_BY]: MANAGER } },
    rules,
  };
}

function roleBinding(
  kind: string,
  metadata: KubeObject["metadata"],
  roleRef: { readonly kind: string; readonly name: string },
  { namespace, serviceAccount }: Pick<RoleOptions, "namespace" | "serviceAccount">,
): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { ...metadata, labels: { [MANAGED_BY]: MANAGER } },
    roleRef: { apiGroup: RBAC, ...roleRef },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace }],
  };
}
