import { describe, expect, it } from "vitest";

import { isFull, take } from "./document-rate.js";

const rate = { burst: 10, perSecond: 2 };

describe("take", () => {
  it("grants a burst, then so many per second", () => {
    const first = take(undefined, rate, 12, 0);
    expect(first.granted).toBe(10);
    expect(take(first.after, rate, 5, 400).granted).toBe(0);
    expect(take(first.after, rate, 5, 1_000).granted).toBe(2);
    expect(take(first.after, rate, 50, 3_600_000).granted).toBe(10);
  });

  it("never gives more than the rate however often it is asked", () => {
    let allowance = take(undefined, rate, 10, 0).after;
    let granted = 0;
    for (let ms = 1; ms <= 10_000; ms += 1) {
      const taken = take(allowance, rate, 3, ms);
      granted += taken.granted;
      allowance = taken.after;
    }
    expect(granted).toBeGreaterThanOrEqual(19);
    expect(granted).toBeLessThanOrEqual(20);
  });

  it("does not lend when the clock goes back", () => {
    const { after } = take(undefined, rate, 10, 10_000);
    expect(take(after, rate, 1, 0).granted).toBe(0);
  });

  it("knows when forgetting an allowance changes nothing", () => {
    const { after } = take(undefined, rate, 10, 0);
    expect(isFull(after, rate, 4_999)).toBe(false);
    expect(isFull(after, rate, 5_000)).toBe(true);
  });
});
