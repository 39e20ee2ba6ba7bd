import { describe, expect, it } from "vitest";
import { CatalogError, ERROR_CODES, isErrorCode, isTransient } from "./errors.js";

describe("error codes", () => {
  it("names exactly these codes as transient", () => {
    const transient = Object.entries(ERROR_CODES).filter(([, entry]) => !entry.definitive);
    expect(transient.map(([code]) => code).sort()).toEqual([
      "CLOCK_SKEW",
      "INTERNAL_SERVER_ERROR",
      "MEMBER_PENDING",
      "NOT_A_MEMBER",
      "NUMBER_AHEAD",
      "OVERLOADED",
      "PEER_UNREACHABLE",
      "RATE_LIMITED",
      "UNAVAILABLE",
    ]);
    for (const [code, entry] of Object.entries(ERROR_CODES)) expect(isTransient(code)).toBe(!entry.definitive);
  });

  it("has a sentence and an HTTP error status for each", () => {
    for (const [code, { description, httpStatus }] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(description).toMatch(/^[A-Z].{20,}\.$/);
      expect(httpStatus).toBeGreaterThanOrEqual(400);
      expect(httpStatus).toBeLessThan(600);
    }
  });

  it("calls a code that is not ours transient, also one that every object has", () => {
    expect(isErrorCode("constructor")).toBe(false);
    for (const code of ["", "SOMETHING_ELSE", "constructor", "__proto__"]) expect(isTransient(code)).toBe(true);
  });

  it("loses patience with NOT_A_MEMBER after 10 minutes, with the others never", () => {
    expect(isTransient("NOT_A_MEMBER", 599)).toBe(true);
    expect(isTransient("NOT_A_MEMBER", 600)).toBe(false);
    expect(isTransient("UNAVAILABLE", 1e9)).toBe(true);
    expect(isTransient("OUT_OF_STOCK", 0)).toBe(false);
  });

  it("names an error after its class", () => {
    class StockEmptyError extends CatalogError {}
    expect(new StockEmptyError("OUT_OF_STOCK", "none left").name).toBe("StockEmptyError");
  });
});
