import { describe, expect, it } from "vitest";
import { barsOf } from "./capacity.ts";
import type { ResourceCapacity } from "./documents.ts";

const row = (change: Partial<ResourceCapacity>): ResourceCapacity => ({
  resource: "cpu",
  allocatable: "16",
  used: "6",
  declared: "8",
  sold: "4",
  left: "4",
  free: "8",
  overcommitted: "0",
  overdeclared: "0",
  pools: [],
  ...change,
});
const partsOf = (change: Partial<ResourceCapacity>): Record<string, number> =>
  Object.fromEntries(barsOf([row(change)])[0]?.parts.map(({ name, share }) => [name, share]) ?? []);

describe("bars of the capacity", () => {
  it("share out what the nodes have; what customers run counts as sold, not as used", () => {
    expect(partsOf({})).toEqual({ Used: 0.25, Sold: 0.25, Left: 0.25 });
    expect(barsOf([row({})])[0]?.limit).toBeUndefined();
  });

  it("mark where the nodes end if more is promised than they have", () => {
    const [bar] = barsOf([row({ left: "24", overdeclared: "16" })]);
    expect(bar?.limit).toBe(0.5);
    expect(bar?.problem).toBe("Your offers promise 16 more than the nodes have.");
  });

  it("count what is taken beyond what there is", () => {
    expect(partsOf({ free: "-4", left: "0", sold: "8", overcommitted: "4" })).toEqual({
      Used: 0.6,
      Sold: 0.4,
      Left: 0,
    });
    expect(barsOf([row({ free: "-4", overcommitted: "4" })])[0]?.problem).toContain("Sold 4 more");
  });

  it("rest on the offers alone where nobody knows the nodes", () => {
    const unknown = { allocatable: null, used: null, free: null, overcommitted: null, overdeclared: null };
    expect(partsOf(unknown)).toEqual({ Sold: 0.5, Left: 0.5 });
    expect(barsOf([row(unknown)])[0]?.figures[0]).toEqual({ name: "Allocatable", text: "not known" });
  });

  it("leave out resources of which there is nothing, in the usual order", () => {
    const none = row({ resource: "amd.com/gpu", allocatable: "0", declared: "0", sold: "0", left: "0", free: "0" });
    expect(barsOf([row({ resource: "memory" }), none, row({})]).map(({ resource }) => resource)).toEqual([
      "cpu",
      "memory",
    ]);
  });
});
