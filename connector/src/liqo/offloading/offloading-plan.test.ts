import { describe, expect, it } from "vitest";
import type { NamespaceTask } from "../../services/offloading/offloading-ports.js";
import { CONTRACT_ANNOTATION, OWNER, OWNER_LABEL } from "../forge/ownership.js";
import type { KubeObject } from "../kube/kube-api.js";
import { type NamespaceSeen, type OffloadingPlan, planOffloading, wantedObject } from "./offloading-plan.js";

const V1 = "offloading.liqo.io/v1beta1";
const turin = { contractID: "c1", providerID: "id-of-turin", providerName: "Turin", labels: {} };
const milan = { contractID: "c2", providerID: "id-of-milan", providerName: "Milan", labels: {} };
const TASK: NamespaceTask = {
  namespace: "shop",
  shape: { strategy: "REMOTE", mapping: "DEFAULT_NAME", remoteNamespace: null },
  targets: [turin],
};
const OVER: NamespaceTask = { ...TASK, targets: [] };

function made(task = TASK): KubeObject {
  const object = wantedObject(task, [], V1);
  if (object === undefined) throw new Error("nothing is wanted");
  return { ...object, metadata: { ...object.metadata, uid: "u1", generation: 1 } };
}
const going = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
});
const byHand = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, labels: {} } });
const handedOver = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: {} },
});
const withStatus = (status: object, task = TASK): KubeObject => ({ ...made(task), status });
const withSpec = (change: object): KubeObject => ({ ...made(), spec: { ...(made().spec as object), ...change } });

function plan(task: NamespaceTask, object: KubeObject | undefined, more: Partial<NamespaceSeen> = {}): OffloadingPlan {
  return planOffloading(task, { namespace: "THERE", object, nodes: [], ...more }, V1);
}

describe("nothing is wanted", () => {
  it.each([
    ["there is nothing", undefined, undefined, true],
    ["what somebody made by hand stays", byHand(made()), undefined, true],
    ["what somebody handed over and nobody wants yet stays", handedOver(made()), undefined, true],
    ["what is going is waited for", going(made()), undefined, false],
    ["what we made goes", made(), "remove", false],
    ["what we made goes, however it was edited", withSpec({ podOffloadingStrategy: "Local" }), "remove", false],
  ] as const)("%s", (_, object, action, isSettled) => {
    const { action: next, report } = plan(OVER, object);
    expect(next?.do).toBe(action);
    expect(report).toMatchObject({ phase: "REMOVING", isSettled });
    if (next?.do === "remove") expect(next.uid).toBe("u1");
  });
});

describe("a binding is wanted", () => {
  it.each([
    ["ABSENT", undefined, true],
    ["GOING", undefined, true],
    ["GOING", made(), false],
  ] as const)("the namespace is %s", (namespace, object, isSettled) => {
    const { action, report } = plan(TASK, object, { namespace });
    expect(action).toBeUndefined();
    expect(report).toMatchObject({ phase: "FAILED", isSettled });
    expect(report.whatToDo).toContain("stopOffloading");
  });

  it("is made where there is none", () => {
    expect(plan(TASK, undefined).action).toEqual({ do: "create", object: wantedObject(TASK, [], V1) });
  });

  it("waits for one that is going", () => {
    expect(plan(TASK, going(made()))).toMatchObject({
      action: undefined,
      report: { phase: "WAITING", isSettled: false },
    });
  });

  it("leaves one made by hand alone and says how to hand it over", () => {
    const { action, report } = plan(TASK, byHand(made()));
    expect(action).toBeUndefined();
    expect(report.phase).toBe("FAILED");
    expect(report.whatToDo).toContain(`${OWNER_LABEL}=${OWNER}`);
  });

  it.each([
    ["strategy", { podOffloadingStrategy: "Local" }],
    ["selector", { clusterSelector: { nodeSelectorTerms: [] } }],
    ["selector that is gone", { clusterSelector: undefined }],
  ])("puts an edited %s right", (_, change) => {
    const { action } = plan(TASK, withSpec(change));
    const { podOffloadingStrategy, clusterSelector } = made().spec as Record<string, unknown>;
    expect(action).toMatchObject({ do: "patch", patch: { spec: { podOffloadingStrategy, clusterSelector } } });
  });

  it("puts the names of its contracts right", () => {
    const object = made();
    const edited = { ...object, metadata: { ...object.metadata, annotations: {} } };
    expect(plan(TASK, edited).action).toMatchObject({
      do: "patch",
      patch: { metadata: { annotations: { [CONTRACT_ANNOTATION]: "c1" } } },
    });
  });

  it.each([{ namespaceMappingStrategy: "EnforceSameName" }, { remoteNamespaceName: "other" }])(
    "makes it anew where the name over there differs: %j",
    (change) => {
      expect(plan(TASK, withSpec(change)).action).toMatchObject({ do: "remove", uid: "u1" });
    },
  );

  it("adds and takes away providers without making it anew", () => {
    const both = { ...TASK, targets: [turin, milan] };
    const added = plan(both, made()).action;
    expect(added).toMatchObject({ do: "patch" });
    expect(JSON.stringify(added)).toContain("id-of-milan");
    expect(JSON.stringify(plan(TASK, made(both)).action)).not.toContain("id-of-milan");
  });

  it("changes only what names the contracts when a second one of the same provider comes", () => {
    const second = { ...TASK, targets: [turin, { ...turin, contractID: "c9" }] };
    expect(made(second).spec).toEqual(made().spec);
    expect(made(second).metadata.annotations).toEqual({ [CONTRACT_ANNOTATION]: "c1,c9" });
  });
});

describe("what Liqo says", () => {
  const conditions = {
    "id-of-turin": [{ type: "Ready", status: "False", message: "token=0123456789abcdef0123 exists" }],
  };

  it.each([
    [{}, "WAITING"],
    [{ offloadingPhase: "InProgress" }, "WAITING"],
    [{ offloadingPhase: "Terminating" }, "WAITING"],
    [{ offloadingPhase: "NoClusterSelected" }, "WAITING"],
    [{ offloadingPhase: "Ready" }, "READY"],
    [{ offloadingPhase: "Ready", observedGeneration: 1 }, "READY"],
    [{ offloadingPhase: "Ready", observedGeneration: 0 }, "WAITING"],
    [{ offloadingPhase: "SomeFailed", remoteNamespacesConditions: conditions }, "FAILED"],
    [{ offloadingPhase: "AllFailed" }, "FAILED"],
    [{ offloadingPhase: "AllFailed", remoteNamespacesConditions: { a: [null, 1] } }, "FAILED"],
    [{ offloadingPhase: "Something new" }, "WAITING"],
  ])("%j is %s", (status, phase) => {
    const { action, report } = plan(TASK, withStatus(status));
    expect(action).toBeUndefined();
    expect(report).toMatchObject({ phase, isSettled: true });
  });

  it("says that pods that exist are not moved, and the name over there", () => {
    const { report } = plan(TASK, withStatus({ offloadingPhase: "Ready", remoteNamespaceName: "shop-paris" }));
    expect(report.message).toMatch(/shop-paris.*not moved/);
    const local: NamespaceTask = { ...TASK, shape: { ...TASK.shape, strategy: "LOCAL" } };
    expect(plan(local, withStatus({ offloadingPhase: "Ready" }, local)).report.message).toContain("stay here");
  });
});

describe("nodes of one provider", () => {
  const offer = { ...turin, labels: { model: "A100", zone: "north" } };
  const node = (labels: Record<string, string>, providerID = "id-of-turin") => ({ providerID, labels });
  const rules = (nodes: readonly { providerID: string; labels: Record<string, string> }[]) =>
    JSON.stringify(wantedObject({ ...TASK, targets: [offer] }, nodes, V1)?.spec);

  it("are not told apart while there is one, which carries what all its contracts agree on", () => {
    expect(rules([])).not.toContain("model");
    expect(rules([node({ model: "A100", zone: "north" })])).not.toContain("model");
    expect(rules([node({ model: "A100" }), node({ model: "T4" }, "id-of-milan")])).not.toContain("model");
  });

  it("are told apart by the labels in which they differ, where there are several", () => {
    const both = [node({ model: "A100", zone: "north" }), node({ model: "T4", zone: "north" })];
    expect(rules(both)).toContain('{"key":"model","operator":"In","values":["A100"]}');
    expect(rules(both)).not.toContain("zone");
  });

  it("are all taken where none is what was bought", () => {
    const mixed = [node({ model: "A100", zone: "south" }), node({ model: "T4", zone: "north" })];
    expect(rules(mixed)).not.toContain("model");
  });
});
