import { expect, it } from "vitest";
import { stateOf } from "./join-string-state.ts";

it.each([
  [{ usedBy: null, revokedAt: null, expiresAt: 11 }, "Waiting to be used", true],
  [{ usedBy: null, revokedAt: null, expiresAt: 10 }, "Expired", false],
  [{ usedBy: null, revokedAt: 5, expiresAt: 99 }, "Revoked", false],
  [{ usedBy: "key", revokedAt: null, expiresAt: 5 }, "Used", false],
] as const)("says %o as %s", (row, text, isOpen) => {
  expect(stateOf(row, 10)).toMatchObject({ text, isOpen });
});
