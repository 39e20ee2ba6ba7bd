import { describe, expect, it } from "vitest";
import { endingWithin, namespaceProblem } from "./offload-words.ts";

const DAY = 86_400;
const NOW = 1_700_000_000;

describe("a contract that ends", () => {
  it.each([
    [null, undefined],
    [NOW + 7 * DAY + 1, undefined],
    [NOW + 7 * DAY, "week"],
    [NOW + DAY + 1, "week"],
    [NOW + DAY, "day"],
    [NOW - 5, "day"],
  ])("at %s is warned of: %s", (validUntil, expected) => {
    expect(endingWithin(validUntil, NOW)).toBe(expected);
  });
});

it.each(["shop", "a", "0-0", "x".repeat(63), ""])("%j can be a namespace", (name) => {
  expect(namespaceProblem(name)).toBeUndefined();
});

it.each(["Shop", "-a", "a-", "a_b", "a.b", "a b", "x".repeat(64), "shop\n"])("%j cannot", (name) => {
  expect(namespaceProblem(name)).toBeDefined();
});
