import { CONTRACT_EVENTS, CONTRACT_STATES, isEnded, nextState } from "@catalog/schema/contract";
import { describe, expect, it } from "vitest";
import { sampleContract } from "../testing/sample-contract.js";
import {
  applyEvent,
  expiryOf,
  negotiationOf,
  nextVersion,
  released,
  releasedByForce,
  withDetails,
} from "./contract-change.js";

const AT = new Date(1_800_000_000_500);

describe("applyEvent, every state and every event of both roles", () => {
  const cases = (["SELLER", "BUYER"] as const).flatMap((role) =>
    CONTRACT_STATES.flatMap((state) => CONTRACT_EVENTS.map((event) => [role, state, event] as const)),
  );

  it.each(cases)("%s in %s on %s", (role, state, event) => {
    const contract = sampleContract({ role, state, isHolding: role === "SELLER" });
    const next = nextState(role, state, event);
    if (next === undefined) {
      expect(() => applyEvent(contract, event, AT)).toThrowError(
        expect.objectContaining({ code: "CONTRACT_STATE_INVALID" }),
      );
      return;
    }
    const after = applyEvent(contract, event, AT, { message: "because" });
    if (next === state) {
      expect(after).toBe(contract);
      return;
    }
    expect(after).toMatchObject({ state: next, changed: 1_800_000_000, message: "because" });
    expect(after.version).toBe(role === "SELLER" ? AT.getTime() : contract.version);
    expect(after.endedAt).toBe(isEnded(next) ? 1_800_000_000 : null);
    const freed = isEnded(next) && state !== "ACTIVE" && role === "SELLER";
    expect(after.isHolding).toBe(role === "SELLER" && !freed);
    expect(after.releasedAt).toBe(freed ? 1_800_000_000 : null);
  });
});

describe("versions", () => {
  it("rise with the clock, and without it", () => {
    expect(nextVersion(5, AT)).toBe(AT.getTime());
    expect(nextVersion(AT.getTime() + 60_000, AT)).toBe(AT.getTime() + 60_001);
  });

  it("rise at the seller with any change, and stay the seller's at the buyer", () => {
    const sold = sampleContract({ role: "SELLER" });
    const bought = sampleContract({ role: "BUYER" });
    expect(withDetails(sold, { message: "x" }, AT).version).toBeGreaterThan(sold.version);
    expect(withDetails(bought, { message: "x" }, AT).version).toBe(bought.version);
  });
});

describe("released", () => {
  it("frees once", () => {
    const held = sampleContract({ role: "SELLER", state: "TERMINATED", isHolding: true });
    const free = released(held, AT);
    expect(free).toMatchObject({ isHolding: false, releasedAt: 1_800_000_000 });
    expect(released(free, AT)).toBe(free);
  });

  it("frees once by hand too, and is overdue until the resources are back", () => {
    const held = sampleContract({ role: "SELLER", state: "TERMINATED", isHolding: true });
    const forced = releasedByForce(held, AT);
    expect(forced).toMatchObject({ isHolding: false, isReleasedByForce: true, isOverdue: true });
    expect(releasedByForce(forced, AT)).toBe(forced);
    const back = released(forced, AT);
    expect(back).toMatchObject({ isHolding: false, isReleasedByForce: true, isOverdue: false });
    expect(released(back, AT)).toBe(back);
    expect(releasedByForce(released(held, AT), AT)).toMatchObject({ isReleasedByForce: false, isOverdue: false });
  });
});

describe("expiryOf", () => {
  const until = 1_800_000_000;
  it.each([
    ["PENDING_APPROVAL", { approveBy: until }, "LAPSED"],
    ["RESERVED", { reservedUntil: until }, "LAPSED"],
    ["CONFIRMED", { ackBy: until }, "LAPSED"],
    ["ACTIVE", { validUntil: until }, "ENDED"],
    ["CONFIRMED", { ackBy: until + 60, validUntil: until }, "LAPSED"],
  ] as const)("%s ends at the instant of %j", (state, deadline, event) => {
    const contract = sampleContract({ state, ...deadline });
    expect(expiryOf(contract, new Date(until * 1000 - 1))).toBeUndefined();
    expect(expiryOf(contract, new Date(until * 1000))).toBe(event);
  });

  it.each(["REJECTED", "EXPIRED", "TERMINATED", "RENEWED"] as const)("%s has nothing left to expire", (state) => {
    expect(expiryOf(sampleContract({ state, validUntil: 1 }), AT)).toBeUndefined();
  });
});

describe("what the other party sees", () => {
  it("has the peering material only of an active contract, and the contract only once both have signed", () => {
    const documents = { ...sampleContract().documents, contract: "text", peering: "jwe" };
    expect(negotiationOf(sampleContract({ role: "SELLER", state: "ACTIVE", documents }), "i")).toMatchObject({
      peering: "jwe",
      contract: "text",
      incarnation: "i",
    });
    expect(negotiationOf(sampleContract({ role: "SELLER", state: "TERMINATED", documents }), "i").peering).toBeNull();
    expect(negotiationOf(sampleContract({ role: "BUYER", state: "ACTIVE", documents }), "i").peering).toBeNull();
    expect(negotiationOf(sampleContract({ role: "BUYER", state: "CONFIRMING", documents }), "i").contract).toBeNull();
  });
});
