import type { ApiServer } from "./api-server.js";
import type { KubeClient } from "./kube-client.js";
import { kubeconfigText } from "./kubeconfig.js";
import { type KubeObject, type ObjectRef, refOf, textAt } from "./kube-object.js";

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** What a ServiceAccount may do: everywhere, and in single namespaces. */
export interface Rights {
  readonly cluster: readonly PolicyRule[];
  readonly namespaces?: Readonly<Record<string, readonly PolicyRule[]>>;
}

const RBAC = "rbac.authorization.k8s.io/v1";

/** A ServiceAccount with its roles, and a way to act as it. */
export interface Login {
  /** A kubeconfig with a fresh token of the ServiceAccount, and nothing else. */
  readonly kubeconfig: string;
  /** `system:serviceaccount:<namespace>:<name>` */
  readonly user: string;
  /** Gives it other rights from now on. */
  change(rights: Rights): Promise<void>;
  /** Removes the account and its roles; its tokens are worth nothing from then on. */
  remove(): Promise<void>;
}

/** Makes a ServiceAccount that may do exactly `rights`, and a token for it that is valid for `seconds` (600 at least). */
export async function loginWith(
  server: Pick<ApiServer, "url" | "ca">,
  admin: KubeClient,
  account: { readonly namespace: string; readonly name: string },
  rights: Rights,
  seconds = 3_600,
): Promise<Login> {
  const ref: ObjectRef = { apiVersion: "v1", kind: "ServiceAccount", ...account };
  await admin.ensure({ apiVersion: "v1", kind: "ServiceAccount", metadata: { ...account } });
  let made: KubeObject[] = [];
  const change = async (wanted: Rights): Promise<void> => {
    const next = roleObjects(account, wanted);
    for (const object of made) await admin.remove(refOf(object));
    made = next;
    for (const object of next) await admin.ensure(object);
  };
  await change(rights);
  return {
    kubeconfig: await accountKubeconfig(server, admin, account, seconds),
    user: `system:serviceaccount:${account.namespace}:${account.name}`,
    change,
    remove: async () => {
      for (const object of made) await admin.remove(refOf(object));
      await admin.remove(ref);
    },
  };
}

/** A kubeconfig with a fresh token of a ServiceAccount that exists. */
export async function accountKubeconfig(
  server: Pick<ApiServer, "url" | "ca">,
  admin: KubeClient,
  account: { readonly namespace: string; readonly name: string },
  seconds = 3_600,
): Promise<string> {
  const ref: ObjectRef = { apiVersion: "v1", kind: "ServiceAccount", ...account };
  const request = await admin.createPart(ref, "token", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: {},
    spec: { expirationSeconds: seconds },
  });
  const token = textAt(request, "status", "token");
  if (token === undefined) throw new Error("the API server made no token");
  return kubeconfigText({ server: server.url, ca: server.ca, user: { token }, namespace: account.namespace });
}

function roleObjects(account: { readonly namespace: string; readonly name: string }, rights: Rights): KubeObject[] {
  const name = `${account.namespace}-${account.name}`;
  const subjects = [{ kind: "ServiceAccount", ...account }];
  const roleRef = (kind: string): object => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
  const everywhere = [
    { apiVersion: RBAC, kind: "ClusterRole", metadata: { name }, rules: rights.cluster },
    { apiVersion: RBAC, kind: "ClusterRoleBinding", metadata: { name }, subjects, roleRef: roleRef("ClusterRole") },
  ];
  const inside = Object.entries(rights.namespaces ?? {}).flatMap(([namespace, rules]) => [
    { apiVersion: RBAC, kind: "Role", metadata: { name, namespace }, rules },
    { apiVersion: RBAC, kind: "RoleBinding", metadata: { name, namespace }, subjects, roleRef: roleRef("Role") },
  ]);
  return [...(rights.cluster.length > 0 ? everywhere : []), ...inside];
}
