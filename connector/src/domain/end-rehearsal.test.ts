import { toAmounts } from "@catalog/schema/resource-list";
import { describe, expect, it } from "vitest";
import { type EndFacts, REHEARSAL_ENTRIES, rehearseEnd, type UsingPod } from "./end-rehearsal.js";

const pod = (name: string): UsingPod => ({
  namespace: "shop",
  name,
  node: "liqo-turin",
  requests: toAmounts({ cpu: "1", memory: "1Gi" }),
});
const FACTS: EndFacts = {
  contractID: "c1",
  role: "BUYER",
  partyName: "Turin",
  isInForce: true,
  usage: { pods: [pod("b"), pod("a")], volumes: [], services: [] },
  namespaces: [{ namespace: "shop", otherContractIDs: [] }],
  others: [],
};
const other = (cpu: string) => ({ contractID: "c2", gives: toAmounts({ cpu, memory: "4Gi" }) });

describe("the end of a contract", () => {
  it("takes everything with it where it is the only one", () => {
    const told = rehearseEnd(FACTS);
    expect(told.message).toContain("2 pods");
    expect(told.whatToDo).toContain("Move them first");
    expect(told.pods.items.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(told.excess).toEqual(toAmounts({ cpu: "2", memory: "2Gi" }));
  });

  it("takes nothing that another contract with the same provider covers", () => {
    const told = rehearseEnd({ ...FACTS, others: [other("2")] });
    expect(told.otherContractIDs).toEqual(["c2"]);
    expect(told.excess).toEqual({});
    expect(told.message).toContain("cover");
    expect(told.whatToDo).toBeNull();
  });

  it("leaves too much for what another contract gives", () => {
    const told = rehearseEnd({ ...FACTS, others: [other("500m")] });
    expect(told.excess).toEqual(toAmounts({ cpu: "1500m" }));
    expect(told.message).toContain("more cpu");
    expect(told.whatToDo).not.toBeNull();
  });

  it("shows the beginning of a long list and how long it is", () => {
    const pods = Array.from({ length: 250 }, (_, index) => pod(`pod-${index}`));
    const told = rehearseEnd({ ...FACTS, usage: { pods, volumes: [], services: [] } });
    expect(told.pods.total).toBe(250);
    expect(told.pods.items).toHaveLength(REHEARSAL_ENTRIES);
    expect(told.inUse["cpu"]).toBe(toAmounts({ cpu: "250" })["cpu"]);
  });

  it("says honestly what it does not know, and what does not matter", () => {
    const blind = rehearseEnd({ ...FACTS, usage: null });
    expect(blind).toMatchObject({ isLooked: false, pods: { total: 0 }, namespaces: { total: 1 } });
    expect(blind.message).toContain("does not see");
    expect(rehearseEnd({ ...FACTS, isInForce: false }).message).toContain("takes nothing away");
    const unused = { pods: [], volumes: [], services: [] };
    expect(rehearseEnd({ ...FACTS, usage: unused })).toMatchObject({ isLooked: true, whatToDo: null });
  });

  it("is told to the provider as what its customer would lose", () => {
    expect(rehearseEnd({ ...FACTS, role: "SELLER", partyName: "Paris" }).message).toBe(
      "Paris would lose what it runs here: 2 pods.",
    );
  });
});
