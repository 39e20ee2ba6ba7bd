import { expect, test } from "vitest";
import { bearerToken, hashToken, matchesToken, newToken } from "./bearer.js";

test("a token has 256 bits and matches its own hash only", () => {
  const token = newToken();
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  expect(matchesToken(token, hashToken(token))).toBe(true);
  expect(matchesToken(newToken(), hashToken(token))).toBe(false);
  expect(matchesToken(token, "")).toBe(false);
  expect(matchesToken("", hashToken(token))).toBe(false);
});

test("a token stands in the header, or in connection_init, which wins", () => {
  expect(bearerToken({ headers: { authorization: "Bearer abc" } })).toBe("abc");
  expect(bearerToken({ headers: { authorization: "bearer  abc" } })).toBe("abc");
  expect(
    bearerToken({ headers: { authorization: "Bearer abc" }, connectionParams: { authorization: "Bearer def" } }),
  ).toBe("def");
  for (const authorization of ["Catalog abc", "Bearer", "Bearer a b", `Bearer ${"x".repeat(513)}`]) {
    expect(bearerToken({ headers: { authorization } })).toBeUndefined();
  }
  expect(bearerToken({ headers: {}, connectionParams: { authorization: 7 } })).toBeUndefined();
});
