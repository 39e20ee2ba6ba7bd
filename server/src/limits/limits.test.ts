import { expect, test } from "vitest";
import { Holders } from "./holders.js";
import { RecentKeys } from "./recent-keys.js";
import { TokenBuckets } from "./token-buckets.js";

test("a bucket gives its burst, then its rate, each key on its own", () => {
  let now = 0;
  const buckets = new TokenBuckets({ burst: 3, perSecond: 2, monotonicMs: () => now });
  expect([1, 2, 3].map(() => buckets.take("a"))).toEqual([0, 0, 0]);
  expect(buckets.take("a")).toBe(0.5);
  expect(buckets.take("b", 3)).toBe(0);
  now = 500;
  expect(buckets.take("a")).toBe(0);
  expect(buckets.take("a")).toBe(0.5);
  now = 60_000;
  expect(buckets.take("a", 4)).toBe(0.5);
  expect(buckets.take("a", 3)).toBe(0);
});

test("beyond its bound the key unused for longest is forgotten", () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1, maxKeys: 2, monotonicMs: () => 0 });
  expect(["a", "b", "a"].map((key) => buckets.take(key))).toEqual([0, 0, 1]);
  buckets.take("c");
  expect(buckets.take("a")).toBe(1);
  expect(buckets.take("b")).toBe(0);
});

test("holders are counted per key and given back once", () => {
  const holders = new Holders(2);
  const first = holders.acquire("a");
  expect(holders.acquire("a")).toBeDefined();
  expect(holders.acquire("a")).toBeUndefined();
  expect(holders.acquire("b")).toBeDefined();
  first?.();
  first?.();
  expect(holders.acquire("a")).toBeDefined();
  expect(holders.acquire("a")).toBeUndefined();
});

test("recent keys are bounded, the oldest goes first", () => {
  const keys = new RecentKeys(2);
  for (const key of ["a", "b", "c"]) keys.add(key);
  expect(["a", "b", "c"].map((key) => keys.has(key))).toEqual([false, true, true]);
});
