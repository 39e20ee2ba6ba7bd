import { expect, it } from "vitest";
import type { FederationShown } from "../documents.ts";
import { partiesOf, sayParty } from "./parties.ts";

const node = (id: string, kind: "SELF" | "BROKER" | "CLUSTER", health: "OK" | "AWAY" = "OK") => ({
  id,
  kind,
  name: `name of ${id}`,
  clusterID: null,
  health,
});
const federation: FederationShown = {
  nodes: [node("me", "SELF"), node("b", "BROKER"), node("x", "CLUSTER", "AWAY"), node("y", "CLUSTER")],
  edges: [
    { id: "m", kind: "MEMBERSHIP", from: "me", to: "b", contracts: 0, resources: {}, health: "OK", peeringPhase: null },
    {
      id: "p",
      kind: "PURCHASE",
      from: "y",
      to: "me",
      contracts: 2,
      resources: { memory: "8Gi", cpu: "1500m" },
      health: "OK",
      peeringPhase: "ESTABLISHED",
    },
    { id: "s", kind: "SALE", from: "me", to: "y", contracts: 1, resources: {}, health: "AWAY", peeringPhase: "FAILED" },
    { id: "t", kind: "SALE", from: "me", to: "x", contracts: 1, resources: {}, health: "DEGRADED", peeringPhase: null },
  ],
};

it("makes a line of each tie: who both buys and sells is there twice, each with its own state and page", () => {
  expect(
    partiesOf(federation).map(({ name, kind, state, health, href }) => [name, kind, state.text, health, href]),
  ).toEqual([
    ["name of b", "broker", "Connected", "OK", "/brokers"],
    ["name of x", "customer", "Cluster away", "AWAY", "/contracts?role=SELLER&peer=x"],
    ["name of y", "provider", "Peered", "OK", "/contracts?role=BUYER&peer=y"],
    ["name of y", "customer", "Peering failed", "AWAY", "/contracts?role=SELLER&peer=y"],
  ]);
});

it("says all of it in a sentence", () => {
  const [, , provider] = partiesOf(federation);
  expect(provider && sayParty(provider)).toBe("name of y, Provider, 2 contracts · 1.5 CPU, 8 Gi Memory, Peered");
});

it("is empty while this cluster is alone", () => {
  expect(partiesOf({ nodes: [node("me", "SELF")], edges: [] })).toEqual([]);
});
