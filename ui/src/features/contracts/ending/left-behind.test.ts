import { describe, expect, it } from "vitest";
import type { EndRehearsal } from "./documents.ts";
import { leftBehind } from "./left-behind.ts";

const NONE = { total: 0, items: [] };

function rehearsal(change: Partial<EndRehearsal>): EndRehearsal {
  return {
    ...{ contractID: "c", role: "BUYER", looked: true, message: "", whatToDo: null },
    ...{ inUse: {}, remaining: {}, excess: {}, otherContractIDs: [] },
    ...{ pods: NONE, volumes: NONE, services: NONE, namespaces: NONE },
    ...change,
  };
}

describe("what the end of a contract leaves", () => {
  it("is nothing where there is nothing", () => {
    expect(leftBehind(rehearsal({}))).toEqual([]);
  });

  it("names each pod with its node, and counts those that are not listed", () => {
    const pod = { namespace: "shop", name: "web-1", node: "liqo-turin", requests: { memory: "64Mi", cpu: "250m" } };
    const [pods, ...others] = leftBehind(rehearsal({ pods: { total: 250, items: [pod] } }));
    expect(others).toEqual([]);
    expect(pods).toMatchObject({
      total: 250,
      items: [{ name: "shop/web-1", detail: "liqo-turin · 0.25 CPU · 64 Mi Memory" }],
    });
    expect(pods?.about).toBe("They are stopped.");
  });

  it("says that pods may stay where another contract goes on", () => {
    const pods = { total: 1, items: [] };
    expect(leftBehind(rehearsal({ pods, otherContractIDs: ["d"] }))[0]?.about).toContain("another contract");
  });

  it("tells which namespaces come home", () => {
    const items = [
      { namespace: "shop", otherContractIDs: [] },
      { namespace: "lab", otherContractIDs: ["d", "e"] },
    ];
    expect(leftBehind(rehearsal({ namespaces: { total: 2, items } }))[0]?.items).toEqual([
      { name: "shop", detail: "comes home" },
      { name: "lab", detail: "stays with 2 other" },
    ]);
  });
});
