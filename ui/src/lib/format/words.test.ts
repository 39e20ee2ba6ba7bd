import { CONTRACT_STATES } from "@catalog/schema/contract";
import { expect, it } from "vitest";
import { sayState } from "./words.ts";

it("has people's words for every state of a contract", () => {
  for (const state of CONTRACT_STATES) expect(sayState(state).text).not.toMatch(/_|^[A-Z]+$/);
});

it("says a state that it does not know by its name", () => {
  expect(sayState("SOMETHING_NEW")).toEqual({ text: "something new", tone: "plain" });
  expect(sayState("constructor").tone).toBe("plain");
});
