import { readFile } from "node:fs/promises";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostileCustomer } from "./hostile-customer.js";
import { HostileWorld, SOON } from "./hostile-world.js";
import { CONNECTOR_ACCOUNT, policyObjects } from "./rig/connector-account.js";
import { refOf } from "./rig/kube-object.js";

const ADMISSION = "admissionregistration.k8s.io/v1";
const POLICY = { apiVersion: ADMISSION, kind: "ValidatingAdmissionPolicy" };
const BINDING = { apiVersion: ADMISSION, kind: "ValidatingAdmissionPolicyBinding" };

let world: HostileWorld;
let genoa: HostileCustomer;
beforeAll(async () => {
  world = await HostileWorld.start({ REQUIRE_POLICIES: "false" });
  genoa = await world.customer("genoa");
});
afterAll(() => world?.stop());

const warnings = async (): Promise<string> =>
  (
    await world.rome.api.request<{ connector: { warnings: string[] } }>("{ connector { warnings } }")
  ).connector.warnings.join("\n");
const metric = async (name: string): Promise<string | undefined> => {
  const text = await (await fetch(`${world.rome.opsUrl}/metrics`)).text();
  return new RegExp(`^${name}\\S* (\\S+)$`, "m").exec(text)?.[1];
};
const restart = async (): Promise<void> => {
  await world.rome.process.stop();
  await world.rome.process.start();
};

test("policies that are soft, edited, missing or bypassed are each told, in API, log and metrics; repaired they are not", async () => {
  const { admin } = world.cluster;
  await genoa.buy();
  const parameters = { apiVersion: "v1", kind: "ConfigMap", namespace: CONNECTOR_ACCOUNT.namespace };
  await waitFor(async () => (await metric("catalog_cluster_risks")) === "0", SOON);

  await admin.patch({ ...BINDING, name: "catalog-slice-class" }, { spec: { validationActions: ["Warn", "Audit"] } });
  await admin.patch({ ...POLICY, name: "catalog-slice-status" }, { spec: { failurePolicy: "Ignore" } });
  await admin.patch(
    { ...POLICY, name: "catalog-slice-csr" },
    { spec: { matchConditions: [{ name: "peer", expression: '"liqo.io" in request.userInfo.groups && false' }] } },
  );
  await admin.remove({ ...POLICY, name: "catalog-connector-fence" });
  await admin.patch({ ...parameters, name: "catalog-policy-parameters" }, { data: { exempt: "milan\ngenoa" } });
  await restart();

  const told: readonly RegExp[] = [
    /binding of policy catalog-slice-class is not enforced: a peer can ask for the class/,
    /policy catalog-slice-status is not enforced: a peer can write/,
    /policy catalog-slice-csr is not the one that belongs to this Connector: a peer can have a certificate/,
    /policy catalog-connector-fence is missing: whoever takes over/,
    /Exempt from the policies although they have contracts: genoa/,
  ];
  await waitFor(async () => (await metric("catalog_cluster_risks")) === "5", SOON);
  const shown = await warnings();
  const log = await readFile(world.rome.process.options.logFile, "utf8");
  for (const pattern of told) {
    expect(shown).toMatch(pattern);
    expect(log).toMatch(pattern);
  }
  const { diagnostics } = await world.rome.api.request<{
    diagnostics: { check: string; ok: boolean; message: string; whatToDo: string | null }[];
  }>("{ diagnostics { check ok message whatToDo } }");
  const policies = diagnostics.filter(({ check, ok }) => check === "liqo.policies" && !ok);
  expect(policies.map(({ whatToDo }) => whatToDo).join()).toMatch(/npm run policies/);

  // They are not required here: what is sold becomes active, and the risk stays named.
  expect(await metric("catalog_selling_allowed")).toBe("1");
  await genoa.buy();
  expect(await warnings()).toMatch(told[0] ?? /never/);

  for (const object of await policyObjects("v1", "--only", "policies")) {
    await admin.remove(refOf(object));
    await admin.ensure(object);
  }
  await waitFor(async () => (await metric("catalog_cluster_risks")) === "0", SOON);
  expect(await warnings()).not.toMatch(/catalog-slice|catalog-connector-fence|Exempt/);
});
