import { describe, expect, test } from "vitest";
import { KubeForbiddenError, KubeKindMissingError } from "../kube/kube.errors.js";
import { policyObjects, type PolicyOptions } from "../forge/policies.js";
import { policyProblems, type ContractedPeer } from "./policy-check.js";
import { FakeKube } from "../testing/fake-kube.js";

const OPTIONS: PolicyOptions = {
  namespace: "the-catalog",
  serviceAccount: "connector",
  className: "catalog",
  tenantRole: "connector-tenant",
  exempt: ["old"],
  rsa: [],
};
const POLICY = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  name: "catalog-slice-class",
};
const BINDING = { ...POLICY, kind: "ValidatingAdmissionPolicyBinding" };

function installed(): FakeKube {
  const kube = new FakeKube();
  for (const object of policyObjects(OPTIONS)) kube.put(object);
  return kube;
}

const kinds = async (kube: FakeKube, contracted: readonly ContractedPeer[] = []): Promise<string[]> =>
  (await policyProblems(kube, OPTIONS, contracted)).map(({ kind, policy }) => `${kind} ${policy}`);
const peer = (clusterID: string, keyType: ContractedPeer["keyType"] = "ed25519"): ContractedPeer => ({
  clusterID,
  keyType,
});

describe("the check of the policies", () => {
  test("everything in place", async () => {
    expect(await kinds(installed(), [peer("paris")])).toEqual([]);
  });

  test("nothing there", async () => {
    const problems = await policyProblems(new FakeKube(), OPTIONS, []);
    expect(problems).toHaveLength(9);
    expect(problems.every(({ kind, whatToDo }) => kind === "MISSING" && whatToDo.includes("npm run policies"))).toBe(
      true,
    );
  });

  test.each([
    ["a binding that only warns", BINDING, { spec: { validationActions: ["Warn"] } }, "NOT_ENFORCED"],
    ["a policy that gives way", POLICY, { spec: { failurePolicy: "Ignore" } }, "NOT_ENFORCED"],
    ["another rule", POLICY, { spec: { validations: [{ expression: "true" }] } }, "DIFFERS"],
    ["one more condition", POLICY, { spec: { matchConditions: [{ name: "never", expression: "false" }] } }, "DIFFERS"],
    [
      "a namespace left out",
      POLICY,
      { spec: { matchConstraints: { namespaceSelector: { matchLabels: { a: "b" } } } } },
      "DIFFERS",
    ],
    [
      "a binding for some objects only",
      BINDING,
      { spec: { matchResources: { objectSelector: { matchLabels: { a: "b" } } } } },
      "DIFFERS",
    ],
    [
      "a binding that lets pass without parameters",
      BINDING,
      { spec: { paramRef: { parameterNotFoundAction: "Allow" } } },
      "DIFFERS",
    ],
  ])("%s", async (_, ref, patch, kind) => {
    const kube = installed();
    await kube.mergePatch(ref, patch);
    expect(await kinds(kube)).toEqual([`${kind} catalog-slice-class`]);
  });

  test("a peer with a contract that is exempt", async () => {
    const kube = installed();
    expect(await kinds(kube, [peer("old")])).toEqual(["BYPASS catalog-policy-parameters"]);
    await kube.mergePatch(
      { apiVersion: "v1", kind: "ConfigMap", namespace: "the-catalog", name: "catalog-policy-parameters" },
      { data: { exempt: "x\n old \r\n" } },
    );
    expect(await kinds(kube, [peer("old")])).toEqual(["BYPASS catalog-policy-parameters"]);
  });

  test("a peer whose certificate requests may be larger than its key needs, and one whose are refused", async () => {
    const kube = installed();
    await kube.mergePatch(
      { apiVersion: "v1", kind: "ConfigMap", namespace: "the-catalog", name: "catalog-policy-parameters" },
      { data: { rsa: "paris\n milan \r\nlyon" } },
    );
    const contracted = [
      peer("paris"),
      peer("paris"),
      peer("milan", "rsa-2048"),
      { clusterID: "lyon", keyType: undefined },
    ];
    const [problem, ...others] = await policyProblems(kube, OPTIONS, [...contracted, peer("rome")]);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ kind: "BYPASS", whatToDo: expect.stringContaining('"rsa"') as unknown });
    expect(problem?.message).toMatch(/Ed25519 keys: paris\./);
    expect(await kinds(kube, [peer("turin", "rsa-2048")])).toEqual(["SHUT_OUT catalog-policy-parameters"]);
  });

  test("a cluster that is too old, and one that does not let us look", async () => {
    const call = { verb: "get" as const, resource: "x", object: "x" };
    const old = installed();
    old.before = (_, { kind }) => {
      if (kind.startsWith("Validating")) throw new KubeKindMissingError(call);
    };
    expect(await kinds(old)).toEqual(["UNSUPPORTED ValidatingAdmissionPolicy"]);
    const closed = installed();
    closed.before = (_, { kind }) => {
      if (kind === "ConfigMap") throw new KubeForbiddenError(call, "no");
    };
    expect(await kinds(closed)).toEqual(["UNREADABLE catalog-policy-parameters"]);
  });
});
