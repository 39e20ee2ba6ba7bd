import { CONTRACT_STATES, type ContractState } from "@catalog/schema/contract";
import { describe, expect, it } from "vitest";
import { outcomeOf, stagesOf } from "./stages.ts";

const bought = (...states: ContractState[]) => ({
  state: states.at(-1) ?? "REQUESTED",
  timeline: states.map((state, n) => ({ state, at: 100 + n, actor: "connector", message: null })),
  message: null,
  code: null,
  approveBy: null,
  activatedAt: null,
  seller: { prettyName: "Turin" },
});
const peering = (phase: "CONNECTING" | "ESTABLISHED" | "FAILED" | "WAITING" | "GONE") => ({
  phase,
  message: `is ${phase}`,
  whatToDo: null,
  since: 900,
});
const statuses = (...states: ContractState[]) => stagesOf(bought(...states), undefined).map(({ status }) => status);

describe("the steps of a purchase", () => {
  it("go one after the other", () => {
    expect(statuses("REQUESTED")).toEqual(["doing", "todo", "todo", "todo"]);
    expect(statuses("REQUESTED", "PENDING_APPROVAL")).toEqual(["doing", "todo", "todo", "todo"]);
    expect(statuses("REQUESTED", "RESERVED")).toEqual(["done", "doing", "todo", "todo"]);
    expect(statuses("REQUESTED", "RESERVED", "CONFIRMING")).toEqual(["done", "doing", "todo", "todo"]);
    expect(statuses("REQUESTED", "RESERVED", "CONFIRMED")).toEqual(["done", "done", "doing", "todo"]);
    expect(statuses("REQUESTED", "RESERVED", "CONFIRMED", "ACTIVE")).toEqual(["done", "done", "done", "doing"]);
  });

  it("stop where it stopped", () => {
    expect(statuses("REQUESTED", "REJECTED")).toEqual(["failed", "todo", "todo", "todo"]);
    expect(statuses("REQUESTED", "RESERVED", "EXPIRED")).toEqual(["done", "failed", "todo", "todo"]);
    expect(statuses("REQUESTED", "RESERVED", "CONFIRMED", "TERMINATED")).toEqual(["done", "done", "failed", "todo"]);
    expect(statuses("RESERVED", "ACTIVE", "TERMINATED")).toEqual(["done", "done", "done", "failed"]);
  });

  it("end with the peering, and say when each was done", () => {
    const [reserve, , active, last] = stagesOf(bought("REQUESTED", "RESERVED", "ACTIVE"), peering("ESTABLISHED"));
    expect([reserve?.at, active?.at, last?.at, last?.status]).toEqual([101, 102, 900, "done"]);
    const stuck = stagesOf(bought("ACTIVE"), peering("FAILED")).at(-1);
    expect([stuck?.status, stuck?.text, stuck?.at]).toEqual(["failed", "is FAILED", null]);
    expect(stagesOf(bought("ACTIVE"), peering("WAITING")).at(-1)?.status).toBe("doing");
  });
});

describe("how a purchase stands", () => {
  it("is said for every state", () => {
    for (const state of CONTRACT_STATES) {
      const { title, text } = outcomeOf(bought(state), undefined);
      expect(title).not.toBe("");
      expect(text).not.toBe("");
    }
  });

  it("has something to do for every refusal", () => {
    const refused = (code: "OUT_OF_STOCK" | "LIQO_MISMATCH" | "NOT_A_MEMBER" | null) =>
      outcomeOf({ ...bought("REJECTED"), code, message: "No." }, undefined);
    expect(refused("OUT_OF_STOCK").advice).toMatch(/fewer units/);
    expect(refused("LIQO_MISMATCH").advice).toMatch(/Liqo/);
    expect(refused("NOT_A_MEMBER").advice).toMatch(/Join a Broker/);
    expect(refused(null)).toMatchObject({ kind: "stopped", text: "No." });
    expect(refused(null).advice).not.toBe("");
  });

  it("is usable only when it is peered", () => {
    expect(outcomeOf(bought("ACTIVE"), undefined).kind).toBe("yours");
    expect(outcomeOf(bought("ACTIVE"), peering("WAITING")).kind).toBe("yours");
    expect(outcomeOf(bought("ACTIVE"), peering("ESTABLISHED")).kind).toBe("usable");
    expect(outcomeOf(bought("ACTIVE"), { ...peering("FAILED"), whatToDo: "Do this." }).advice).toBe("Do this.");
  });
});
