import { expect, it } from "vitest";
import { endOf, LIVES, stateOf } from "./token-life.ts";

it("says whether a token counts", () => {
  expect(stateOf({ expiresAt: null, revokedAt: null }, 10)).toMatchObject({ text: "In use", isOpen: true });
  expect(stateOf({ expiresAt: 10, revokedAt: null }, 10)).toMatchObject({ text: "Expired", isOpen: false });
  expect(stateOf({ expiresAt: 99, revokedAt: 5 }, 10)).toMatchObject({ text: "Revoked", isOpen: false });
});

it("ends as chosen, or never", () => {
  expect(LIVES.map(({ value }) => endOf(value, 1000))).toEqual([
    1000 + 90 * 86_400,
    1000 + 30 * 86_400,
    1000 + 365 * 86_400,
    null,
  ]);
});
