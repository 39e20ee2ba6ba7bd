import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { csrFieldSize } from "../csr-der.js";
import type { KubeObject } from "../kube/kube-api.js";
import { policyObjects, type PolicyOptions } from "./policies.js";
import { roleObjects, rulesOf, type RoleMode } from "./roles.js";

const OPTIONS: PolicyOptions = {
  namespace: "the-catalog",
  serviceAccount: "connector",
  className: "catalog",
  tenantRole: "connector-tenant",
  exempt: ["old-one", "old-two"],
  rsa: ["compat"],
};

interface PolicySpec {
  readonly failurePolicy: string;
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly matchConstraints: {
    readonly resourceRules: readonly {
      readonly resources: readonly string[];
      readonly operations: readonly string[];
    }[];
  };
}

function specOf(name: string, kind = "ValidatingAdmissionPolicy"): PolicySpec {
  const found = policyObjects(OPTIONS).find((object) => object.kind === kind && object.metadata.name === name);
  return found?.spec as PolicySpec;
}

const NAMES = ["catalog-slice-class", "catalog-slice-status", "catalog-slice-csr", "catalog-connector-fence"];

describe("policies", () => {
  test("four, each with its binding, and their parameters", () => {
    expect(policyObjects(OPTIONS).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "ConfigMap catalog-policy-parameters",
      ...NAMES.flatMap((name) => [`ValidatingAdmissionPolicy ${name}`, `ValidatingAdmissionPolicyBinding ${name}`]),
    ]);
  });

  test("the parameters are lists with one id a line", () => {
    expect(policyObjects(OPTIONS)[0]).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "catalog-policy-parameters",
        namespace: "the-catalog",
        labels: { "app.kubernetes.io/managed-by": "the-catalog" },
      },
      data: { exempt: "old-one\nold-two", rsa: "compat" },
    });
  });

  test.each(NAMES)("%s fails closed and denies, for everything it is about", (name) => {
    expect(specOf(name).failurePolicy).toBe("Fail");
    expect(specOf(name).matchConstraints).toMatchObject({
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
    });
    expect(specOf(name, "ValidatingAdmissionPolicyBinding")).toMatchObject({
      policyName: name,
      validationActions: ["Deny"],
    });
    for (const { operations } of specOf(name).matchConstraints.resourceRules)
      expect(operations).toEqual(expect.arrayContaining(["CREATE", "UPDATE"]));
  });

  test("those with lists are denied where the lists are missing", () => {
    for (const name of ["catalog-slice-class", "catalog-slice-csr"])
      expect(specOf(name, "ValidatingAdmissionPolicyBinding")).toMatchObject({
        paramRef: { name: "catalog-policy-parameters", namespace: "the-catalog", parameterNotFoundAction: "Deny" },
      });
  });

  test("the fence knows the Secret with the own keys and the tokens of Liqo 0.x only where it was told of them", () => {
    const own = (changes: Partial<PolicyOptions>): string | undefined =>
      (policyObjects({ ...OPTIONS, ...changes }).at(-2)?.spec as PolicySpec).variables?.find(
        ({ name }) => name === "isOwnSecret",
      )?.expression;
    expect(own({})).toBe("false");
    expect(own({ identitySecret: "keys" })).toBe(
      '(request.resource.resource == "secrets" && variables.isWrite && request.namespace == "the-catalog" && request.name == "keys")',
    );
    expect(own({ tokenNamespace: "liqo" })).toBe(
      '(request.resource.resource == "secrets" && request.namespace == "liqo" && request.name.startsWith("remote-token-"))',
    );
  });

  /** The arithmetic of the policy, with CEL's whole numbers. */
  function sizeFormula(): (sliceName: number, clusterID: number, isRsa: boolean) => number {
    const steps = (specOf("catalog-slice-csr").variables ?? [])
      .filter(({ name }) => name !== "isKept" && name !== "isRsa")
      .map(({ name, expression }) => {
        const code = expression
          .replaceAll(/\b(\d+)\b/g, "$1n")
          .replaceAll("size(object.metadata.name)", "sliceName")
          .replaceAll("size(request.userInfo.username)", "clusterID");
        return `variables[${JSON.stringify(name)}] = ${code};`;
      });
    const code = `(sliceName, clusterID, isRsa) => { const variables = { isRsa }; ${steps.join(" ")} return variables.field; }`;
    const formula = new Script(code).runInThisContext() as (a: bigint, b: bigint, isRsa: boolean) => bigint;
    return (sliceName, clusterID, isRsa) => Number(formula(BigInt(sliceName), BigInt(clusterID), isRsa));
  }

  test("the size of a request is that of the bytes that Liqo makes, for every length of the names", () => {
    const policySize = sizeFormula();
    for (let slice = 1; slice <= 253; slice += 4)
      for (const id of [1, 9, 36, 50, 63])
        for (const type of ["ed25519", "rsa-2048"] as const) {
          const subject = { commonName: "c".repeat(slice + 13), organization: "o".repeat(id) };
          expect(policySize(slice, id, type === "rsa-2048"), `${slice} ${id} ${type}`).toBe(
            csrFieldSize(subject, type),
          );
        }
  });
});

describe("roles", () => {
  const roles = (mode: RoleMode): readonly KubeObject[] =>
    roleObjects({
      mode,
      namespace: "the-catalog",
      serviceAccount: "connector",
      liqoNamespace: "liqo",
      tenantRole: "connector-tenant",
    });
  const options = {
    mode: "v1" as RoleMode,
    namespace: "the-catalog",
    serviceAccount: "connector",
    liqoNamespace: "liqo",
    tenantRole: "connector-tenant",
  };

  test.each(["v0", "v1"] as const)("%s: no wildcard, no escalation, no impersonation, nobody else", (mode) => {
    const text = JSON.stringify(roles(mode));
    expect(text).not.toContain('"*"');
    for (const verb of ["escalate", "impersonate", "deletecollection", "approve", "sign"])
      expect(text).not.toContain(`"${verb}"`);
    for (const object of roles(mode).filter(({ kind }) => kind.endsWith("Binding")))
      expect(object["subjects"]).toEqual([{ kind: "ServiceAccount", name: "connector", namespace: "the-catalog" }]);
  });

  test("v1: Secrets in tenant namespaces, and one of Liqo's by its name; nowhere else", () => {
    const about = (place: "cluster" | "liqo" | "own" | "tenant") =>
      rulesOf(place, options).filter(({ resources }) => resources.includes("secrets"));
    expect(about("cluster")).toEqual([]);
    expect(about("own")).toEqual([]);
    expect(about("liqo")).toEqual([
      { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["authentication-keys"] },
    ]);
    expect(about("tenant")).toEqual([
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch", "delete"] },
    ]);
  });

  test("v1: may bind only its own role for tenants, and write only the status of slices", () => {
    const cluster = rulesOf("cluster", options);
    expect(cluster.filter(({ verbs }) => verbs.includes("bind"))).toEqual([
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles"],
        verbs: ["bind"],
        resourceNames: ["connector-tenant"],
      },
    ]);
    expect(cluster.filter(({ verbs }) => verbs.includes("update"))).toEqual([
      { apiGroups: ["authentication.liqo.io"], resources: ["resourceslices/status"], verbs: ["update"] },
    ]);
  });

  test("v0 knows nothing of tenants", () => {
    expect(JSON.stringify(roles("v0"))).not.toContain("authentication.liqo.io");
    expect(roles("v0").some(({ metadata }) => metadata.name === "connector-tenant")).toBe(false);
  });
});
