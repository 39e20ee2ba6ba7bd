import { describe, expect, it } from "vitest";
import { defaultClusterID, ManualDriver } from "./manual-driver.js";

describe("the manual driver", () => {
  const driver = new ManualDriver({
    clusterID: "c",
    clusterName: "n",
    endpoint: "https://liqo.example",
    token: "secret",
    liqoVersion: "0.8.1",
  });

  it("tells what the configuration says, and nothing about nodes", async () => {
    expect(await driver.parameters()).toEqual({
      clusterID: "c",
      clusterName: "n",
      endpoint: "https://liqo.example",
      token: "secret",
    });
    expect(driver.liqo()).toEqual({ mode: "manual", version: "0.8.1" });
    expect(await driver.capacity()).toBeNull();
    expect(await driver.existingPeers()).toBeNull();
  });

  it("takes what has ended for given back", async () => {
    expect(driver.releasesAtOnce).toBe(true);
    expect(await driver.reclaim()).toBe(true);
  });
});

describe("defaultClusterID", () => {
  it("is a UUID, the same for the same key and another for another", () => {
    const id = defaultClusterID("abc");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(defaultClusterID("abc")).toBe(id);
    expect(defaultClusterID("abd")).not.toBe(id);
  });
});
