import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../testing/vectors.js";
import { decodeCanonical, encode, isBase64urlOf } from "./base64url.js";

describe("base64url", () => {
  it("gives every byte string back, and agrees with the platform", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(encode(data)).toBe(Buffer.from(data).toString("base64url"));
        expect([...decodeCanonical(encode(data))]).toEqual([...data]);
      }),
    );
  });

  it("has one text for each byte string: what is accepted encodes to itself", async () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("AQgwBCxyz019-_=+/ ")), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, async (candidate) => {
        const outcome = await outcomeOf(async () => expect(encode(decodeCanonical(candidate))).toBe(candidate));
        expect(["accepted", "DOCUMENT_INVALID"]).toContain(outcome);
      }),
      { numRuns: 2000 },
    );
  });

  it("encodes more than fits on a call stack", () => {
    expect(decodeCanonical(encode(new Uint8Array(300_000)))).toHaveLength(300_000);
  });

  it("knows lengths", () => {
    expect(isBase64urlOf("AAAA", 3)).toBe(true);
    expect(isBase64urlOf("AAAA", 4)).toBe(false);
    expect(isBase64urlOf("AAB", 2)).toBe(false);
    expect(isBase64urlOf(7, 3)).toBe(false);
  });
});
