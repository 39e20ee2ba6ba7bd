import { parseAllDocuments } from "yaml";
import { describe, expect, test } from "vitest";
import { policyObjects } from "./liqo/forge/policies.js";
import { policiesText } from "./print-policies.js";

const objects = (...args: string[]): Record<string, unknown>[] =>
  parseAllDocuments(policiesText(args)).map((document) => document.toJS() as Record<string, unknown>);

describe("npm run policies", () => {
  test("prints every object so that it is read back as it was made", () => {
    const printed = objects(
      "--only",
      "policies",
      "--exempt",
      "a,b",
      "--exempt",
      "c",
      "--class",
      "gold",
      "--namespace",
      "ns",
      "--service-account",
      "sa",
    );
    const options = {
      namespace: "ns",
      serviceAccount: "sa",
      className: "gold",
      exempt: ["a", "b", "c"],
      rsa: [],
      tenantRole: "catalog-connector-tenant",
    };
    expect(printed).toEqual(policyObjects(options));
  });

  test("prints roles and policies, and for v0 roles alone", () => {
    const kinds = (...args: string[]) => new Set(objects(...args).map(({ kind }) => kind));
    expect(kinds()).toContain("ValidatingAdmissionPolicy");
    expect(kinds()).toContain("ClusterRole");
    expect(kinds("--mode", "v0")).not.toContain("ValidatingAdmissionPolicy");
    expect(kinds("--only", "roles")).not.toContain("ConfigMap");
  });

  test("for whichever Liqo will be there: the rights for both, and a fence that knows of both", () => {
    const rights = (mode: string): string[] =>
      objects("--mode", mode, "--only", "roles").flatMap(({ kind, rules }) =>
        ((rules ?? []) as readonly unknown[]).map((rule) => `${String(kind)} ${JSON.stringify(rule)}`),
      );
    expect(new Set(rights("auto"))).toEqual(new Set([...rights("v0"), ...rights("v1")]));
    const fence = objects("--mode", "auto", "--only", "policies").find(
      ({ metadata }) => (metadata as { name: string }).name === "catalog-connector-fence",
    );
    expect(JSON.stringify(fence)).toContain("remote-token-");
  });

  test("a Connector that keeps its keys in a Secret may read and change that one", () => {
    const role = objects("--identity-secret", "keys").find(
      ({ metadata, kind }) => kind === "Role" && (metadata as { name: string }).name === "catalog-connector-identity",
    );
    expect(role?.["rules"]).toEqual([
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "update"], resourceNames: ["keys"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    ]);
  });

  test.each([
    [["--mode", "v2"], /v0, v1 or auto/],
    [["--only", "x"], /roles or policies/],
    [["--class", 'x" || true || "'], /Kubernetes name/],
    [["--namespace", "A"], /Kubernetes name/],
    [["--exempt", "a b"], /not a cluster id/],
    [["--unknown"], /unknown/i],
  ])("%j is refused", (args, reason) => {
    expect(() => policiesText(args)).toThrow(reason);
  });

  test("--help", () => {
    expect(policiesText(["--help"])).toContain("--exempt");
  });
});
