import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { NamespaceTask } from "../../services/offloading/offloading-ports.js";
import { ManualOffloading } from "./manual-offloading.js";

const turin = { contractID: "c1", providerID: "turin", providerName: "Turin", labels: {} };
const TASK: NamespaceTask = {
  namespace: "shop",
  shape: { strategy: "REMOTE", mapping: "SELECTED_NAME", remoteNamespace: "shop-paris" },
  targets: [turin, { ...turin, contractID: "c2", providerID: "milan" }, { ...turin, contractID: "c3" }],
};

describe("offloading by hand", () => {
  it("is one manifest and one command with a selector for each provider", async () => {
    const { manifests, command } = await new ManualOffloading(null).byHand(TASK);
    expect(parse(manifests ?? "")).toMatchObject({
      apiVersion: "offloading.liqo.io/v1beta1",
      metadata: { name: "offloading", namespace: "shop" },
      spec: { podOffloadingStrategy: "Remote", remoteNamespaceName: "shop-paris" },
    });
    expect(command).toBe(
      "liqoctl offload namespace shop --pod-offloading-strategy Remote --namespace-mapping-strategy SelectedName --remote-namespace-name shop-paris --selector 'liqo.io/remote-cluster-id=milan' --selector 'liqo.io/remote-cluster-id=turin'",
    );
  });

  it.each([
    ["0.8.1", "v1alpha1"],
    ["v0.10.3", "v1alpha1"],
    ["1.2.0", "v1beta1"],
    ["v1.0.0", "v1beta1"],
  ])("is written for Liqo %s", async (version, api) => {
    const { manifests } = await new ManualOffloading(version).byHand(TASK);
    expect(parse(manifests ?? "")).toMatchObject({ apiVersion: `offloading.liqo.io/${api}` });
  });

  it("is taken back by a command, and says that it cannot look", async () => {
    const driver = new ManualOffloading(null);
    expect(await driver.byHand({ ...TASK, targets: [] })).toEqual({
      manifests: null,
      command: "liqoctl unoffload namespace shop",
    });
    expect(await driver.usage()).toBeNull();
    expect(await driver.reconcile(TASK)).toMatchObject({ phase: "BY_HAND", isSettled: true });
    expect(await driver.reconcile({ ...TASK, targets: [] })).toMatchObject({ isSettled: true });
  });
});
