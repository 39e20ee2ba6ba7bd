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

  test.each([
    [["--mode", "v2"], /v0 or v1/],
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
