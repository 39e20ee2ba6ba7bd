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

export type RoleMode = "v0" | "v1";

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
  readonly modes: readonly RoleMode[];
  readonly place: Place;
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: string;
  readonly names?: readonly string[];
}

const BOTH: readonly RoleMode[] = ["v0", "v1"];
const V0: readonly RoleMode[] = ["v0"];
const V1: readonly RoleMode[] = ["v1"];
const READ = "get list watch";
const KEEP = "get list watch create patch delete";

/** Everything that a Connector may do. There is no other list: what is applied, what is tested and what the chart installs is made from it. */
function rights(options: RoleOptions): readonly Right[] {
  return [
    { modes: BOTH, place: "cluster", group: "", resources: ["nodes", "pods"], verbs: READ },
    { modes: BOTH, place: "cluster", group: "", resources: ["namespaces"], verbs: "get list" },
    { modes: BOTH, place: "cluster", group: "offloading.liqo.io", resources: ["namespaceoffloadings"], verbs: KEEP },
    // What would be lost if a contract ended.
    {
      modes: BOTH,
      place: "cluster",
      group: "",
      resources: ["persistentvolumeclaims", "persistentvolumes"],
      verbs: "list",
    },
    { modes: BOTH, place: "cluster", group: "discovery.k8s.io", resources: ["endpointslices"], verbs: "list" },
    {
      modes: BOTH,
      place: "liqo",
      group: "",
      resources: ["configmaps"],
      verbs: "get",
      names: ["liqo-clusterid-configmap"],
    },
    { modes: BOTH, place: "liqo", group: "", resources: ["configmaps", "services"], verbs: "list" },
    { modes: BOTH, place: "liqo", group: "apps", resources: ["deployments"], verbs: "get list" },
    ...version0(),
    ...version1(options),
  ];
}

function version0(): readonly Right[] {
  return [
    { modes: V0, place: "cluster", group: "discovery.liqo.io", resources: ["foreignclusters"], verbs: KEEP },
    {
      modes: V0,
      place: "cluster",
      group: "discovery.liqo.io",
      resources: ["resourcerequests"],
      verbs: "get list watch patch",
    },
    { modes: V0, place: "cluster", group: "sharing.liqo.io", resources: ["resourceoffers"], verbs: READ },
    { modes: V0, place: "liqo", group: "", resources: ["services"], verbs: "get", names: ["liqo-auth"] },
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
    // Named after each provider, so no list of names can be given.
    { modes: V0, place: "liqo", group: "", resources: ["secrets"], verbs: "get create patch delete" },
  ];
}

function version1({ tenantRole }: RoleOptions): readonly Right[] {
  const authentication = "authentication.liqo.io";
  const networking = "networking.liqo.io";
  const rbac = "rbac.authorization.k8s.io";
  return [
    {
      modes: V1,
      place: "cluster",
      group: authentication,
      resources: ["resourceslices", "tenants", "identities"],
      verbs: KEEP,
    },
    { modes: V1, place: "cluster", group: authentication, resources: ["resourceslices/status"], verbs: "get update" },
    { modes: V1, place: "cluster", group: "offloading.liqo.io", resources: ["quotas", "virtualnodes"], verbs: READ },
    {
      modes: V1,
      place: "cluster",
      group: "core.liqo.io",
      resources: ["foreignclusters"],
      verbs: "get list watch delete",
    },
    {
      modes: V1,
      place: "cluster",
      group: networking,
      resources: ["configurations", "gatewayservers", "gatewayclients", "publickeies"],
      verbs: KEEP,
    },
    { modes: V1, place: "cluster", group: networking, resources: ["connections"], verbs: READ },
    { modes: V1, place: "cluster", group: "", resources: ["events"], verbs: "get list create" },
    { modes: V1, place: "cluster", group: "", resources: ["namespaces"], verbs: "create delete" },
    { modes: V1, place: "cluster", group: rbac, resources: ["rolebindings"], verbs: "get create delete" },
    { modes: V1, place: "cluster", group: rbac, resources: ["clusterroles"], verbs: "bind", names: [tenantRole] },
    {
      modes: V1,
      place: "cluster",
      group: "admissionregistration.k8s.io",
      resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
      verbs: "get list",
    },
    { modes: V1, place: "tenant", group: "", resources: ["secrets"], verbs: "get create patch delete" },
    { modes: V1, place: "liqo", group: "", resources: ["secrets"], verbs: "get", names: ["authentication-keys"] },
    { modes: V1, place: "liqo", group: "ipam.liqo.io", resources: ["networks"], verbs: "get list" },
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
    .filter((right) => right.place === place && right.modes.includes(options.mode))
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

function namespacedRole(
  name: string,
  namespace: string,
  rules: readonly PolicyRule[],
  options: RoleOptions,
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
  { namespace, serviceAccount }: RoleOptions,
): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { ...metadata, labels: { [MANAGED_BY]: MANAGER } },
    roleRef: { apiGroup: RBAC, ...roleRef },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace }],
  };
}
