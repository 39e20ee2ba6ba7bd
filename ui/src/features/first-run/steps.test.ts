import { expect, it } from "vitest";
import { nextStep, stepAfter, stepsOf } from "./steps.ts";

const broker = { brokerID: "b", brokerName: "B", connected: true, pending: false, subscribed: true, lastError: null };
const reached = (ok: boolean) => ({
  check: "contractEndpoint.reachable",
  ok,
  severity: "INFO" as const,
  message: "",
  whatToDo: null,
});
const nothing = { connector: { ready: false }, brokers: [], myOffers: [], diagnostics: [] };

it("goes on where the server says that one is", () => {
  expect(nextStep(stepsOf(nothing))).toBe("names");
  expect(nextStep(stepsOf({ ...nothing, connector: { ready: true } }))).toBe("broker");
  const joined = { ...nothing, connector: { ready: true }, brokers: [broker] };
  expect(nextStep(stepsOf({ ...joined, diagnostics: [reached(false)] }))).toBe("check");
  expect(nextStep(stepsOf({ ...joined, diagnostics: [reached(true)] }))).toBe("offer");
  const sold = { ...joined, diagnostics: [reached(true)], myOffers: [{ offerID: "o" }] };
  expect(nextStep(stepsOf(sold))).toBeUndefined();
});

it("knows which step follows", () => {
  expect([stepAfter("names"), stepAfter("offer")]).toEqual(["broker", undefined]);
});
