import { expect, it } from "vitest";
import { endOf, stateOf } from "./token-state.ts";
import type { TokenRow } from "./documents.ts";

const token: TokenRow = {
  tokenID: "t",
  name: "ci",
  role: "VIEWER",
  created: 1,
  createdBy: "admin",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};

it("says whether a token counts", () => {
  expect(stateOf(token, 100).text).toBe("In use");
  expect(stateOf({ ...token, expiresAt: 101 }, 100).text).toBe("In use");
  expect(stateOf({ ...token, expiresAt: 100 }, 100).text).toBe("Expired");
  expect(stateOf({ ...token, expiresAt: 101, revokedAt: 5 }, 100).text).toBe("Revoked");
});

it("knows when a token ends", () => {
  expect([endOf("7d", 100), endOf("never", 100)]).toEqual([604_900, null]);
});
