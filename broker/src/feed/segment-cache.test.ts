import { expect, it } from "vitest";

import { SegmentCache } from "./segment-cache.js";

it("keeps at most so many bytes, the youngest", () => {
  const cache = new SegmentCache<{ bytes: number }>(100, 60_000);
  for (let n = 0; n < 10; n += 1) cache.set(`k${n}`, { bytes: 30 });
  expect(cache.bytes).toBe(90);
  expect(cache.get("k6")).toBeUndefined();
  expect(cache.get("k7")).toEqual({ bytes: 30 });
  cache.set("k7", { bytes: 10 });
  expect(cache.bytes).toBe(70);
  cache.set("huge", { bytes: 101 });
  expect(cache.bytes).toBe(0);
});

it("gives nothing that is too old, and lets it go", () => {
  const cache = new SegmentCache<{ bytes: number }>(100, -1);
  cache.set("k", { bytes: 30 });
  expect(cache.get("k")).toBeUndefined();
  cache.expire();
  expect(cache.bytes).toBe(0);
});
