import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpKubeApi } from "@catalog/connector/liqo/kube/http-kube-api";
import { KubeForbiddenError } from "@catalog/connector/liqo/kube/kube.errors";
import { KubeLogins } from "@catalog/connector/liqo/kube/kube-login";
import { HttpKubeTransport } from "@catalog/connector/liqo/kube/kube-transport";
import { Backoff } from "@catalog/server/backoff";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installKinds } from "./fixtures/install-kinds.js";
import { nameOf, type Permission, permissionsOf, PLACES, TENANT_OF_A_PEER } from "./printed-rights.js";
import { startClusters, type TestCluster, type TestClusters } from "./rig/clusters.js";
import { type Generation, policyObjects } from "./rig/connector-account.js";
import type { ServedKind } from "./rig/kube-client.js";
import { at, type KubeObject } from "./rig/kube-object.js";
import { type Login, loginWith } from "./rig/login.js";

const SOON = { timeoutMs: 30_000, intervalMs: 30 };
const RBAC = "rbac.authorization.k8s.io/v1";
const PEER = TENANT_OF_A_PEER;
let clusters: TestClusters;
let folder: string;
beforeAll(async () => {
  clusters = await startClusters();
  folder = await mkdtemp(join(tmpdir(), "catalog-rights-"));
  await installKinds(clusters.provider.admin, "v1.2.0");
  await installKinds(clusters.consumer.admin, "v0.8.1");
});
afterAll(async () => {
  await clusters?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each<Generation>(["v0", "v1"])("the printed roles for %s", (generation) => {
  let cluster: TestCluster;
  let roles: readonly KubeObject[];
  let permissions: readonly Permission[];

  beforeAll(async () => {
    cluster = generation === "v1" ? clusters.provider : clusters.consumer;
    const printed = await policyObjects(generation, "--only", "roles");
    roles = printed.filter(({ kind }) => kind === "ClusterRole" || kind === "Role");
    permissions = roles.flatMap(permissionsOf);
    for (const name of ["liqo", "the-catalog", PEER])
      await cluster.admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    for (const object of printed) await cluster.admin.ensure(object);
  });

  test("hold in the places that are known, and nothing that is everything or leads to other rights", () => {
    expect(roles.map(nameOf).sort()).toEqual(
      Object.keys(PLACES)
        .filter((name) => roles.some((r) => nameOf(r) === name))
        .sort(),
    );
    const text = JSON.stringify(roles.map((role) => role["rules"]));
    expect(text).not.toContain("*");
    expect(text).not.toMatch(
      /escalate|impersonate|nonResourceURLs|deletecollection|serviceaccounts|\/proxy|\/exec|\/token/,
    );
    const cautious = (one: Permission): boolean => one.resource === "secrets" || one.verb === "bind";
    for (const one of permissions.filter(cautious))
      expect(one.name !== undefined || one.namespace !== undefined, JSON.stringify(one)).toBe(true);
    expect(permissions.filter(({ resource, verb }) => resource === "secrets" && /list|watch/.test(verb))).toEqual([]);
    expect(permissions.filter(({ resource }) => resource.startsWith("clusterrole")).map(({ verb }) => verb)).toEqual(
      generation === "v1" ? ["bind"] : [],
    );
  });

  test("say nothing twice, name kinds that exist, and permit what they say and, taken away, nothing", async () => {
    const lines = permissions.map((one) => JSON.stringify(one));
    expect(lines.filter((line, n) => lines.indexOf(line) !== n)).toEqual([]);
    const served = await cluster.admin.kinds();
    const unknown = permissions.filter((one) => kindOf(served, one) === undefined);
    expect(unknown.map(({ resource }) => resource)).toEqual([]);

    const [full, none] = ["full", "none"].map((name) => `system:serviceaccount:the-catalog:${name}`);
    await bindAll(cluster, roles, "full");
    const judged = (user: string | undefined): Promise<boolean[]> =>
      Promise.all(permissions.map((one) => mayUser(cluster, user ?? "", one)));
    await waitFor(async () => !(await judged(full)).includes(false), SOON);
    expect(await judged(none)).not.toContain(true);
  });

  test("each of them missing is told: the verb, the kind, the place and what to do", async () => {
    const account = { namespace: "the-catalog", name: "nobody" };
    // A watch begins with a list.
    const listed = permissions.filter(({ verb }) => verb === "watch");
    const lists = listed.map(({ group, resource }) => ({ apiGroups: [group], resources: [resource], verbs: ["list"] }));
    const [login, lister] = [
      await loginWith(cluster, cluster.admin, account, { cluster: [] }),
      await loginWith(cluster, cluster.admin, { ...account, name: "lister" }, { cluster: lists }),
    ];
    const [logins, listerLogins] = [await loginsOf(login, "nobody"), await loginsOf(lister, "lister")];
    const served = await cluster.admin.kinds();
    try {
      // To bind is part of creating a RoleBinding; a status is read with its object.
      const isCalled = ({ verb, resource }: Permission): boolean =>
        verb !== "bind" && !(verb === "get" && resource.includes("/"));
      for (const one of permissions.filter(isCalled)) {
        const error = await refusalOf(one.verb === "watch" ? listerLogins : logins, one, kindOf(served, one));
        expect(error, JSON.stringify(one)).toBeInstanceOf(KubeForbiddenError);
        const { message, whatToDo } = error as KubeForbiddenError;
        const resource = `${one.resource.split("/")[0]}${one.group === "" ? "" : `.${one.group}`}${one.resource.includes("/") ? "/status" : ""}`;
        expect(whatToDo).toContain(`"${one.verb}" on "${resource}"`);
        expect(whatToDo).toContain(one.namespace === undefined ? "" : `in namespace ${one.namespace}`);
        expect(message).toContain("not permitted");
      }
    } finally {
      logins.close();
      listerLogins.close();
      await login.remove();
      await lister.remove();
    }
  });
});

async function loginsOf({ kubeconfig }: Login, name: string): Promise<KubeLogins> {
  const file = join(folder, `${name}-${randomUUID()}`);
  await writeFile(file, kubeconfig);
  return new KubeLogins({ kubeconfig: file });
}

function kindOf(served: readonly ServedKind[], { group, resource }: Permission): ServedKind | undefined {
  const [plural] = resource.split("/");
  return served.find((kind) => {
    const ofKind = kind.apiVersion.includes("/") ? kind.apiVersion.split("/")[0] : "";
    return kind.plural === plural && ofKind === group;
  });
}

/** Gives the printed roles to another account, each in its place. */
async function bindAll({ admin }: TestCluster, roles: readonly KubeObject[], account: string): Promise<void> {
  await admin.ensure({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: account, namespace: "the-catalog" },
  });
  for (const role of roles) {
    const namespace = PLACES[nameOf(role)];
    const name = `${account}-${role.metadata.name}`;
    await admin.ensure({
      apiVersion: RBAC,
      kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
      metadata: namespace === undefined ? { name } : { name, namespace },
      subjects: [{ kind: "ServiceAccount", name: account, namespace: "the-catalog" }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: role.kind, name: role.metadata.name },
    });
  }
}

async function mayUser({ admin }: TestCluster, user: string, one: Permission): Promise<boolean> {
  const [resource = "", subresource] = one.resource.split("/");
  const { group, verb, namespace, name } = one;
  const review = await admin.raw("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user, resourceAttributes: { group, resource, subresource, verb, namespace, name } },
  });
  return at(review, "status", "allowed") === true;
}

/** What the Connector's own client says when it may not. */
async function refusalOf(logins: KubeLogins, one: Permission, served: ServedKind | undefined): Promise<unknown> {
  if (served === undefined) throw new Error(`no kind for ${one.resource}`);
  const { apiVersion, kind } = served;
  const stopping = new AbortController();
  const watched: unknown[] = [];
  const api = new HttpKubeApi(new HttpKubeTransport(logins), {
    onWatchError: (error) => {
      watched.push(error);
      stopping.abort();
    },
    watch: { backoff: new Backoff(5, 5) },
  });
  const namespace = one.namespace ?? (served.namespaced ? PEER : undefined);
  const name = one.name ?? "x";
  const ref = { apiVersion, kind, namespace, name };
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    get: () => api.get(ref),
    list: () => api.list({ apiVersion, kind }, { namespace: one.namespace }),
    watch: () => api.watch({ apiVersion, kind }, { namespace: one.namespace }, () => undefined, stopping.signal),
    create: () => api.create({ apiVersion, kind, metadata }),
    update: () => api.replaceStatus({ apiVersion, kind, metadata }),
    patch: () => api.mergePatch(ref, {}),
    delete: () => api.remove(ref),
  };
  const call = calls[one.verb];
  if (call === undefined) throw new Error(`the client has no ${one.verb}`);
  try {
    await call();
    return one.verb === "watch" ? watched[0] : undefined;
  } catch (error) {
    return error;
  }
}
