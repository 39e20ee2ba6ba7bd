import type { KubeObject } from "./rig/kube-object.js";
import type { PolicyRule } from "./rig/login.js";

/** A namespace that stands for those of all peers. */
export const TENANT_OF_A_PEER = "liqo-tenant-peer";

/** Where the rules of each printed role hold: a namespace, or everywhere. */
export const PLACES: Readonly<Record<string, string | undefined>> = {
  "ClusterRole catalog-connector": undefined,
  "ClusterRole catalog-connector-tenant": TENANT_OF_A_PEER,
  "Role catalog-connector": "liqo",
  "Role catalog-connector-own": "the-catalog",
};

/** One thing that one rule permits. */
export interface Permission {
  readonly namespace: string | undefined;
  readonly group: string;
  /** With its subresource. */
  readonly resource: string;
  readonly verb: string;
  /** Undefined: of any name. */
  readonly name: string | undefined;
}

/** `Kind name` of a role, as in {@link PLACES}. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

/** Everything that the rules of a printed role permit, one by one. */
export function permissionsOf(role: KubeObject): Permission[] {
  const namespace = PLACES[nameOf(role)];
  return (role["rules"] as readonly PolicyRule[]).flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? [undefined]).map((name) => ({ namespace, group, resource, verb, name })),
        ),
      ),
    ),
  );
}
