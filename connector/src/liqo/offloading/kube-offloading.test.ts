import { toAmounts } from "@catalog/schema/resource-list";
import { beforeEach, describe, expect, it } from "vitest";
import type { NamespaceTask } from "../../services/offloading/offloading-ports.js";
import type { KubeObject } from "../kube/kube-api.js";
import { KubeForbiddenError, KubeUnavailableError } from "../kube/kube.errors.js";
import { FakeKube } from "../testing/fake-kube.js";
import { KubeOffloading, OFFLOADING_GENERATIONS } from "./kube-offloading.js";

const REF = {
  apiVersion: "offloading.liqo.io/v1beta1",
  kind: "NamespaceOffloading",
  namespace: "shop",
  name: "offloading",
};
const TASK: NamespaceTask = {
  namespace: "shop",
  shape: { strategy: "LOCAL_AND_REMOTE", mapping: "DEFAULT_NAME", remoteNamespace: null },
  targets: [{ contractID: "c1", providerID: "turin", providerName: "Turin", labels: {} }],
};
const CALL = { verb: "create", resource: "namespaceoffloadings.offloading.liqo.io", object: "x" } as const;

let kube: FakeKube;
let driver: KubeOffloading;

const put = (object: Partial<KubeObject> & { metadata: KubeObject["metadata"] }, apiVersion: string, kind: string) =>
  kube.put({ ...object, apiVersion, kind });

beforeEach(() => {
  kube = new FakeKube();
  driver = new KubeOffloading(kube, OFFLOADING_GENERATIONS.v1);
  put({ metadata: { name: "shop" } }, "v1", "Namespace");
});

describe("the object in the cluster", () => {
  it("is made, made again and put right, and goes; nothing is written when nothing is to be done", async () => {
    expect(await driver.reconcile(TASK)).toMatchObject({ phase: "WAITING", isSettled: true });
    const first = kube.peek(REF);
    await driver.reconcile(TASK);
    expect(kube.peek(REF)).toEqual(first);

    await kube.remove(REF);
    await driver.reconcile(TASK);
    expect(kube.peek(REF)?.spec).toEqual(first?.spec);

    await kube.mergePatch(REF, {
      spec: { podOffloadingStrategy: "Local", clusterSelector: { nodeSelectorTerms: [] } },
    });
    await driver.reconcile(TASK);
    expect(kube.peek(REF)?.spec).toEqual(first?.spec);

    expect(await driver.reconcile({ ...TASK, targets: [] })).toMatchObject({ phase: "REMOVING", isSettled: true });
    expect(kube.names()).toEqual(["Namespace shop"]);
  });

  it("is not called settled before Liqo has let it go", async () => {
    await driver.reconcile(TASK);
    await kube.mergePatch(REF, { metadata: { finalizers: ["liqo"] } });
    expect(await driver.reconcile({ ...TASK, targets: [] })).toMatchObject({ isSettled: false });
    await kube.mergePatch(REF, { metadata: { finalizers: [] } });
    expect(await driver.reconcile({ ...TASK, targets: [] })).toMatchObject({ isSettled: true });
  });

  it("that an admin made stays, wanted or not, and asking for it is refused before anything is kept", async () => {
    const own = put({ metadata: { name: "offloading", namespace: "shop" }, spec: { a: 1 } }, REF.apiVersion, REF.kind);
    await expect(driver.check(TASK)).rejects.toMatchObject({ code: "OFFLOADING_CONFLICT" });
    expect(await driver.reconcile(TASK)).toMatchObject({ phase: "FAILED" });
    expect(await driver.reconcile({ ...TASK, targets: [] })).toMatchObject({ isSettled: true });
    expect(kube.peek(REF)).toEqual(own);
  });

  it("tells what is not permitted and what to do, and throws what passes", async () => {
    kube.before = (verb) => {
      if (verb === "create") throw new KubeForbiddenError(CALL, "no");
    };
    const report = await driver.reconcile(TASK);
    expect(report).toMatchObject({ phase: "FAILED", isSettled: false });
    expect(report.whatToDo).toContain('"create" on "namespaceoffloadings.offloading.liqo.io"');
    kube.before = () => {
      throw new KubeUnavailableError(CALL, "away");
    };
    await expect(driver.reconcile(TASK)).rejects.toThrow("away");
  });

  it("is watched by its namespace", async () => {
    const seen: string[] = [];
    const stopping = new AbortController();
    const watching = driver.watch((namespace) => seen.push(namespace), stopping.signal);
    await driver.reconcile(TASK);
    await kube.remove(REF);
    stopping.abort();
    await watching;
    expect(seen).toEqual(["shop", "shop"]);
  });
});

describe("what is asked for", () => {
  it("needs a namespace that stays", async () => {
    await expect(driver.check({ ...TASK, namespace: "none" })).rejects.toMatchObject({ code: "NAMESPACE_NOT_FOUND" });
    put(
      { metadata: { name: "shop", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x"] } },
      "v1",
      "Namespace",
    );
    await expect(driver.check(TASK)).rejects.toMatchObject({ code: "NAMESPACE_NOT_FOUND" });
  });

  it("is refused where this Liqo cannot name the namespace over there", async () => {
    const named: NamespaceTask = {
      ...TASK,
      shape: { ...TASK.shape, mapping: "SELECTED_NAME", remoteNamespace: "shop-paris" },
    };
    await expect(driver.check(named)).resolves.toBeUndefined();
    const old = new KubeOffloading(kube, OFFLOADING_GENERATIONS["v0.8"]);
    await expect(old.check(named)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("what runs on a peer's resources", () => {
  const requests = (cpu: string) => ({ containers: [{ resources: { requests: { cpu } } }] });
  const pod = (name: string, more: object) => put({ metadata: { name, namespace: "shop" }, ...more }, "v1", "Pod");

  beforeEach(() => {
    const labels = { "liqo.io/type": "virtual-node", "liqo.io/remote-cluster-id": "turin" };
    put({ metadata: { name: "liqo-turin", labels } }, "v1", "Node");
    put({ metadata: { name: "own" } }, "v1", "Node");
    pod("there", { spec: { nodeName: "liqo-turin", ...requests("500m") } });
    pod("done", { spec: { nodeName: "liqo-turin", ...requests("1") }, status: { phase: "Succeeded" } });
    pod("here", { spec: { nodeName: "own", ...requests("1") } });
    pod("waiting", { spec: requests("1") });
  });

  it("is the pods of the virtual node, as the scheduler counts them", async () => {
    const { pods } = await driver.usage("CUSTOMER", "turin");
    const asked = toAmounts({ cpu: "500m", pods: "1" });
    expect(pods).toEqual([{ namespace: "shop", name: "there", node: "liqo-turin", requests: asked }]);
    expect((await driver.usage("CUSTOMER", "milan")).pods).toEqual([]);
    expect((await driver.usage("CUSTOMER", "no,label=x")).pods).toEqual([]);
  });

  it("is the volumes that are there, by Liqo's affinity or by the node that was chosen for them", async () => {
    const affinity = (key: string, value: string) => ({
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values: [value] }] }] },
      },
    });
    const volume = (name: string, spec: object) => put({ metadata: { name }, spec }, "v1", "PersistentVolume");
    const claim = (name: string, spec: object, annotations = {}) =>
      put({ metadata: { name, namespace: "shop", annotations }, spec }, "v1", "PersistentVolumeClaim");
    volume("pv-liqo", affinity("liqo.io/remote-cluster-id", "turin"));
    volume("pv-host", affinity("kubernetes.io/hostname", "liqo-turin"));
    volume("pv-other", affinity("liqo.io/remote-cluster-id", "milan"));
    volume("pv-plain", {});
    claim("a", { volumeName: "pv-liqo", storageClassName: "liqo", resources: { requests: { storage: "1Gi" } } });
    claim("b", { volumeName: "pv-host" });
    claim("c", { volumeName: "pv-other" });
    claim("d", { volumeName: "pv-plain" });
    claim("e", {}, { "volume.kubernetes.io/selected-node": "liqo-turin" });
    claim("f", {});
    const { volumes } = await driver.usage("CUSTOMER", "turin");
    expect(volumes.map(({ name }) => name)).toEqual(["a", "b", "e"]);
    expect(volumes[0]).toEqual({ namespace: "shop", name: "a", storageClass: "liqo", size: "1Gi" });
  });

  it("is the services with endpoints there, over all their slices", async () => {
    const slice = (name: string, service: string | undefined, endpoints: unknown) =>
      put(
        {
          metadata: {
            name,
            namespace: "shop",
            labels: service === undefined ? {} : { "kubernetes.io/service-name": service },
          },
          endpoints,
        },
        "discovery.k8s.io/v1",
        "EndpointSlice",
      );
    slice("web-1", "web", [{ nodeName: "liqo-turin" }, { nodeName: "own" }]);
    slice("web-2", "web", [{ nodeName: "liqo-turin" }]);
    slice("db-1", "db", [{ nodeName: "own" }]);
    slice("none-1", "none", null);
    slice("loose", undefined, [{ nodeName: "liqo-turin" }]);
    expect((await driver.usage("CUSTOMER", "turin")).services).toEqual([
      { namespace: "shop", name: "web", endpoints: 2, otherEndpoints: 1 },
    ]);
  });

  it.each([
    ["v0.8", "virtualkubelet.liqo.io/origin"],
    ["v1", "offloading.liqo.io/origin"],
  ] as const)("at a provider with %s is the pods that come from the customer", async (mode, label) => {
    const labels = { [label]: "paris" };
    put({ metadata: { name: "web", namespace: "shop-paris", labels }, spec: { nodeName: "own" } }, "v1", "Pod");
    const provider = new KubeOffloading(kube, OFFLOADING_GENERATIONS[mode]);
    const { pods, volumes } = await provider.usage("PROVIDER", "paris");
    expect(pods).toMatchObject([{ namespace: "shop-paris", name: "web", node: "own" }]);
    expect(volumes).toEqual([]);
    expect((await provider.usage("PROVIDER", "rome")).pods).toEqual([]);
  });
});
