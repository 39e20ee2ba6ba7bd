import { createLog } from "@catalog/server/log";
import { beforeEach, expect, it } from "vitest";
import { ManualDriver } from "../manual/manual-driver.js";
import { FakeKube } from "../testing/fake-kube.js";
import { AutoCluster } from "./auto-cluster.js";
import { detectLiqo, modeOf } from "./detect-liqo.js";
import { Detection } from "./detection.js";
import { untilThere } from "../late-driver.js";

let kube: FakeKube;

beforeEach(() => {
  kube = new FakeKube();
});

function install(image: string, labels: Record<string, string> = {}): void {
  kube.put({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "liqo-controller-manager", namespace: "liqo", labels },
    spec: { template: { spec: { containers: [{ image }] } } },
  });
}

it.each([
  ["ghcr.io/liqotech/liqo-controller-manager:v0.8.1", "v0.8", "0.8.1"],
  ["registry.example:5000/liqo/x:v0.10.3@sha256:0123", "v0.9", "0.10.3"],
  ["liqo/x:v1.2.0-rc.1", "v1", "1.2.0-rc.1"],
])("finds the Liqo of image %s", async (image, mode, version) => {
  install(image);
  expect(await detectLiqo(kube, "liqo")).toEqual({ mode, version });
});

it("takes the label where the image has no version, and waits where nothing tells it", async () => {
  await expect(detectLiqo(kube, "liqo")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  install("registry.example:5000/liqo/x");
  await expect(detectLiqo(kube, "liqo")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  install("liqo/x:latest", { "app.kubernetes.io/version": "v0.9.4" });
  expect(await detectLiqo(kube, "liqo")).toEqual({ mode: "v0.9", version: "0.9.4" });
});

it("knows what it cannot drive", () => {
  expect(["0.6.0", "0.11.0", "2.0.0"].map(modeOf)).toEqual([undefined, undefined, undefined]);
  expect(["0.7.2", "0.9.0", "1.0.0"].map(modeOf)).toEqual(["v0.8", "v0.9", "v1"]);
});

it("is nothing before Liqo is there, and that Liqo from then on", async () => {
  const parameters = { clusterID: "rome", clusterName: "rome", endpoint: null, token: null };
  let made = 0;
  const detection = new Detection(async () => {
    await detectLiqo(kube, "liqo");
    made += 1;
    return { cluster: new ManualDriver({ ...parameters, liqoVersion: "1.2.0" }) };
  });
  const cluster = new AutoCluster(detection);
  expect(cluster.liqo()).toEqual({ mode: "auto", version: null });
  expect(cluster.safety().isSellingAllowed).toBe(false);
  expect(await cluster.capacity()).toBeNull();
  await expect(cluster.parameters()).rejects.toMatchObject({ code: "UNAVAILABLE" });

  const log = createLog({ name: "test", level: "fatal" });
  const waiting = untilThere(() => detection.get(), log, new AbortController().signal);
  install("liqo/x:v1.2.0");
  await waiting;
  await Promise.all([cluster.parameters(), cluster.parameters()]);
  expect(made).toBe(1);
  expect(await cluster.parameters()).toEqual(parameters);
  expect(cluster.liqo().version).toBe("1.2.0");
  expect(cluster.safety().isSellingAllowed).toBe(true);
});
