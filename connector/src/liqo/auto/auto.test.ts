import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { beforeEach, expect, it } from "vitest";
import type { PeeringDriver } from "../../services/peerings/peering-ports.js";
import { ManualDriver } from "../manual/manual-driver.js";
import { KubeUnavailableError } from "../kube/kube.errors.js";
import { FakeKube } from "../testing/fake-kube.js";
import { AutoCluster } from "./auto-cluster.js";
import { detectLiqo, type FoundLiqo, identifyLiqo, modeOf } from "./detect-liqo.js";
import { LiqoSwitch } from "./liqo-switch.js";
import { SwitchedDriver } from "./switched-driver.js";

let kube: FakeKube;

beforeEach(() => {
  kube = new FakeKube();
});

const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "liqo-controller-manager", namespace: "liqo" },
};

function install(image: string, labels: Record<string, string> = {}): void {
  kube.put({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "liqo-controller-manager", namespace: "liqo", labels },
    spec: { template: { spec: { containers: [{ image }] } } },
  });
  identify("rome");
}

function identify(clusterID: string): void {
  const metadata = { name: "liqo-clusterid-configmap", namespace: "liqo" };
  kube.put({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { CLUSTER_ID: clusterID } });
}

it.each([
  ["ghcr.io/liqotech/liqo-controller-manager:v0.8.1", "v0.8", "0.8.1"],
  ["registry.example:5000/liqo/x:v0.10.3@sha256:0123", "v0.9", "0.10.3"],
  ["liqo/x:v1.2.0-rc.1", "v1", "1.2.0-rc.1"],
])("finds the Liqo of image %s", async (image, mode, version) => {
  install(image);
  expect(await detectLiqo(kube, "liqo")).toEqual({ mode, version, clusterID: "rome" });
});

it("takes the label where the image has no version, and waits where nothing tells it", async () => {
  await expect(detectLiqo(kube, "liqo")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  install("registry.example:5000/liqo/x");
  await expect(detectLiqo(kube, "liqo")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  install("liqo/x:latest", { "app.kubernetes.io/version": "v0.9.4" });
  expect(await detectLiqo(kube, "liqo")).toEqual({ mode: "v0.9", version: "0.9.4", clusterID: "rome" });
});

it("knows what it cannot drive", () => {
  expect(["0.6.0", "0.11.0", "2.0.0"].map(modeOf)).toEqual([undefined, undefined, undefined]);
  expect(["0.7.2", "0.9.0", "1.0.0"].map(modeOf)).toEqual(["v0.8", "v0.9", "v1"]);
});

it("goes by the admin's word where the mode is named", async () => {
  const known = { mode: "v1", version: null } as const;
  await expect(identifyLiqo(kube, "liqo", known)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  identify("rome");
  expect(await identifyLiqo(kube, "liqo", known)).toEqual({ mode: "v1", version: null, clusterID: "rome" });
});

/** A driver that remembers whether it is watched and its task runs. */
function drivenBy({ clusterID, version, mode }: FoundLiqo) {
  const seen = { runs: 0, watches: 0 };
  const until = async (signal: AbortSignal, what: "runs" | "watches"): Promise<void> => {
    seen[what] += 1;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    seen[what] -= 1;
  };
  const peering: PeeringDriver = {
    mode,
    reconcile: async () => ({ message: clusterID }) as never,
    answer: async (_contract, message, state) => ({ reply: message, state }),
    watch: (onChange, signal) => {
      onChange(clusterID);
      return until(signal, "watches");
    },
  };
  const parameters = { clusterID, clusterName: clusterID, endpoint: null, token: null };
  const cluster = new ManualDriver({ ...parameters, liqoVersion: version });
  return { seen, cluster, peering, tasks: [{ name: "task", run: (signal: AbortSignal) => until(signal, "runs") }] };
}

it("drives Liqo from when it is there, another one in its place, and none while it is gone", async () => {
  const made: ReturnType<typeof drivenBy>[] = [];
  const make = (found: FoundLiqo) => {
    const driven = drivenBy(found);
    made.push(driven);
    return driven;
  };
  const liqo = new LiqoSwitch(() => detectLiqo(kube, "liqo"), make, 5, silentLog());
  const cluster = new AutoCluster(liqo);
  const driver = new SwitchedDriver(liqo);
  expect([cluster.mode, driver.mode, cluster.safety().isSellingAllowed]).toEqual(["auto", "auto", false]);
  await expect(cluster.parameters()).rejects.toMatchObject({ code: "UNAVAILABLE" });

  const stop = new AbortController();
  const told: string[] = [];
  const running = liqo.run(stop.signal);
  const watching = driver.watch((clusterID) => told.push(clusterID), stop.signal);
  install("liqo/x:v0.8.1");
  await waitFor(() => made[0]?.seen.runs === 1 && made[0].seen.watches === 1);
  expect(await cluster.parameters()).toMatchObject({ clusterID: "rome" });
  expect(driver.mode).toBe("v0.8");

  install("liqo/x:v1.2.0");
  await waitFor(() => made[1]?.seen.runs === 1 && made[1].seen.watches === 1);
  expect([made[0]?.seen, driver.mode, cluster.liqo().version]).toEqual([{ runs: 0, watches: 0 }, "v1", "1.2.0"]);

  identify("milan");
  await waitFor(() => made[2]?.seen.runs === 1);
  expect(await driver.reconcile({} as never, async () => ({ type: "x" }))).toEqual({ message: "milan" });

  let failures = 0;
  kube.before = (verb) => {
    failures += 1;
    throw new KubeUnavailableError({ verb, resource: "deployments.apps", object: "Deployment" }, "away");
  };
  await waitFor(() => failures > 3);
  expect(made[2]?.seen.runs).toBe(1); // The API server is away: nothing says that Liqo is.
  kube.before = () => undefined;

  kube.drop(DEPLOYMENT);
  await waitFor(() => made[2]?.seen.runs === 0 && made[2].seen.watches === 0);
  await expect(driver.reconcile({} as never, async () => ({ type: "x" }))).rejects.toMatchObject({
    code: "UNAVAILABLE",
  });
  install("liqo/x:v1.2.0");
  await waitFor(() => made[3]?.seen.watches === 1);
  stop.abort();
  await Promise.all([running, watching]);
  expect(made.map(({ seen }) => seen)).toEqual(made.map(() => ({ runs: 0, watches: 0 })));
  expect(told).toEqual(["rome", "rome", "milan", "rome"]);
});
