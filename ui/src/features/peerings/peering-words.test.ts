import { describe, expect, it } from "vitest";
import { eventsOf, hasNetworkChoice, isDecidedHere, isOfPhase, sayOther } from "./peering-words.ts";

it("filters phases by what people mean", () => {
  expect(isOfPhase("open", "WAITING")).toBe(true);
  expect(isOfPhase("open", "FAILED")).toBe(false);
  expect(isOfPhase("all", "GONE")).toBe(true);
});

it("names the other cluster by what it is", () => {
  expect(sayOther("CUSTOMER")).toBe("Provider");
  expect(sayOther("PROVIDER")).toBe("Customer");
});

describe("who decides about a peering", () => {
  const contract = (enabled: boolean) => ({ enabled }) as Parameters<typeof isDecidedHere>[0]["contracts"][number];

  it("is its customer, while a contract entitles to it", () => {
    expect(isDecidedHere({ side: "CUSTOMER", contracts: [contract(false), contract(true)] })).toBe(true);
    expect(isDecidedHere({ side: "CUSTOMER", contracts: [contract(false)] })).toBe(false);
    expect(isDecidedHere({ side: "PROVIDER", contracts: [contract(true)] })).toBe(false);
  });
});

it.each([
  ["v1", true],
  ["manual", false],
  ["v0.9", false],
])("with Liqo driven as %s networks can be chosen: %s", (mode, expected) => {
  expect(hasNetworkChoice(mode)).toBe(expected);
});

it("tells history with who caused it, the last step in its colour", () => {
  const timeline = [
    { at: 1, actor: "connector", phase: "CONNECTING" as const, message: "It begins." },
    { at: 2, actor: "admin", phase: "ESTABLISHED" as const, message: "It stands." },
  ];
  expect(eventsOf({ timeline })).toEqual([
    { title: "It begins.", at: 1, tone: "over", detail: "CONNECTING · connector" },
    { title: "It stands.", at: 2, tone: "good", detail: "ESTABLISHED · admin" },
  ]);
});
