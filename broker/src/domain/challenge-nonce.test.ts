import { createHmac, randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { checkNonce, makeNonce, type KeyedHash } from "./challenge-nonce.js";

const keyed =
  (key: string): KeyedHash =>
  (text) =>
    createHmac("sha256", key).update(text).digest();
const hash = keyed("key");
const make = (expiresAt = 1_060): string => makeNonce("turin", expiresAt, randomBytes(16), hash);
const check = (nonce: string, fingerprint = "turin", now = 1_000): void =>
  checkNonce(nonce, fingerprint, now, 60, hash);
const invalid = expect.objectContaining({ code: "CHALLENGE_INVALID" });

describe("the nonce of a challenge", () => {
  it("is accepted from whom it was made for until it expires", () => {
    const nonce = make();
    expect(nonce).toMatch(/^[\w-]{22,256}$/);
    for (const now of [1_000, 1_059]) expect(() => check(nonce, "turin", now)).not.toThrow();
    expect(() => check(nonce, "turin", 1_060)).toThrow(invalid);
  });

  it("is refused from anybody else, of another key, from the future, and altered in any byte", () => {
    const nonce = make();
    expect(() => check(nonce, "milan")).toThrow(invalid);
    expect(() => checkNonce(nonce, "turin", 1_000, 60, keyed("other"))).toThrow(invalid);
    expect(() => check(make(2_000))).toThrow(invalid);
    const bytes = Buffer.from(nonce, "base64url");
    for (let i = 0; i < bytes.length; i += 1) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(i) ^ 1, i);
      expect(() => check(altered.toString("base64url")), `byte ${i}`).toThrow(invalid);
    }
    for (const text of ["", "short", `${nonce}A`, ` ${nonce}`, nonce.slice(0, -1)])
      expect(() => check(text), text).toThrow(invalid);
  });

  it("is another one each time", () => {
    expect(make()).not.toBe(make());
  });
});
