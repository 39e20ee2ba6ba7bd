import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostileCustomer } from "./hostile-customer.js";
import { HostileWorld, SOON } from "./hostile-world.js";
import type { KubeObject } from "./rig/kube-object.js";
import type { PolicyRule } from "./rig/login.js";
import { peeringsOf } from "./trade-peerings.js";

const ROLE = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };

let world: HostileWorld;
beforeAll(async () => {
  world = await HostileWorld.start();
});
afterAll(() => world?.stop());

/** Takes one verb on one resource out of a role while `work` runs. */
async function without(role: string, resource: string, verb: string, work: () => Promise<void>): Promise<void> {
  const { admin } = world.cluster;
  const ref = { ...ROLE, name: role };
  const { rules } = (await admin.get(ref)) as KubeObject & { readonly rules: readonly PolicyRule[] };
  const reduced = rules.flatMap((rule) => {
    if (!rule.resources.includes(resource) || !rule.verbs.includes(verb)) return [rule];
    const others = rule.resources.filter((one) => one !== resource);
    return [
      ...(others.length > 0 ? [{ ...rule, resources: others }] : []),
      { ...rule, resources: [resource], verbs: rule.verbs.filter((one) => one !== verb) },
    ].filter(({ verbs }) => verbs.length > 0);
  });
  expect(reduced).not.toEqual(rules);
  await admin.patch(ref, { rules: reduced });
  try {
    await work();
  } finally {
    await admin.patch(ref, { rules });
  }
}

/** What the provider's admin is told of one customer's peering. */
async function told({ clusterID }: HostileCustomer): Promise<string> {
  const peering = (await peeringsOf(world.rome.api)).find(({ peer }) => peer.clusterID === clusterID);
  return `${peering?.message} ${peering?.whatToDo} ${peering?.lastError}`;
}

const MISSING = [
  ["catalog-connector", "namespaces", "create", "namespaces"],
  ["catalog-connector", "namespaces", "list", "namespaces"],
  ["catalog-connector", "rolebindings", "create", "rolebindings.rbac.authorization.k8s.io"],
  ["catalog-connector", "rolebindings", "get", "rolebindings.rbac.authorization.k8s.io"],
  ["catalog-connector", "tenants", "list", "tenants.authentication.liqo.io"],
  ["catalog-connector", "identities", "list", "identities.authentication.liqo.io"],
  ["catalog-connector", "resourceslices", "list", "resourceslices.authentication.liqo.io"],
  ["catalog-connector-tenant", "secrets", "get", "secrets"],
  ["catalog-connector-tenant", "secrets", "create", "secrets"],
] as const;

test("a permission that is missing stands in the peering, with what to do; given again it goes on by itself", async () => {
  for (const [number, [role, resource, verb, shown]] of MISSING.entries()) {
    const customer = await world.customer(`town-${number}`);
    let sold = "";
    await without(role, resource, verb, async () => {
      sold = await customer.buy();
      await waitFor(async () => (await told(customer)).includes(`permission "${verb}" on "${shown}"`), {
        ...SOON,
        what: `${verb} ${resource} is told`,
      });
    });
    expect(await customer.nonce(sold), `${verb} ${resource} is back`).not.toBe("");
    await customer.end(sold);
  }
});

test("a status that cannot be written is a risk that the admin is told", async () => {
  const genoa = await world.customer("genoa");
  const sold = await genoa.buy();
  const peer = await genoa.logIn(sold);
  const warnings = async (): Promise<string> =>
    (
      await world.rome.api.request<{ connector: { warnings: string[] } }>("{ connector { warnings } }")
    ).connector.warnings.join();
  await without("catalog-connector", "resourceslices/status", "update", async () => {
    await peer.create(await genoa.slice({ cpu: "1" }));
    await waitFor(async () => (await warnings()).includes("ResourceSlices of genoa cannot be decided about"), SOON);
  });
  await waitFor(async () => !(await warnings()).includes("genoa"), SOON);
  peer.close();
});
