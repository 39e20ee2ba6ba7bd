import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "./base64url.js";
import { formatJoinString, parseJoinString } from "./join-string.js";

const bytes = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(encode);

describe("a join string", () => {
  it("is read back as it was written", () => {
    const url = fc.constantFrom("https://broker.example.org", "http://127.0.0.1:8000", "https://[::1]:8000/catalog");
    const token = fc.option(fc.record({ tokenId: bytes(6), secret: bytes(32) }), {
      nil: { tokenId: null, secret: null },
    });
    const pins = fc.record({ kid: bytes(32), spki: bytes(32) }, { requiredKeys: [] });
    fc.assert(
      fc.property(url, bytes(32), token, pins, (brokerUrl, fingerprint, credentials, pinned) => {
        const join = { brokerUrl, fingerprint, ...credentials, ...pinned };
        expect(parseJoinString(formatJoinString(join))).toEqual(join);
      }),
    );
  });

  it("is refused where it could not be read back", () => {
    const join = { brokerUrl: "https://a.org", fingerprint: "short", tokenId: null, secret: null };
    expect(() => formatJoinString(join)).toThrow(/fingerprint/);
  });
});
