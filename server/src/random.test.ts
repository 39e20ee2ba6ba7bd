import { describe, expect, it } from "vitest";
import { systemClock, unixSeconds } from "./clock.js";
import { randomId, uuidv7 } from "./random.js";

const at = (ms: number) => ({ now: () => new Date(ms) });

describe("uuidv7", () => {
  it("carries the time, version and variant of RFC 9562", () => {
    // The time of the example in appendix A.6 of the RFC.
    expect(uuidv7(at(0x017f22e279b0))).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("sorts by time and never repeats", () => {
    const ids = Array.from({ length: 500 }, (_, index) => uuidv7(at(1_700_000_000_000 + index)));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 5_000 }, () => uuidv7(at(0)))).size).toBe(5_000);
  });
});

describe("randomId", () => {
  it("is base64url without padding", () => {
    expect(randomId(32)).toMatch(/^[\w-]{43}$/);
    expect(randomId(32)).not.toBe(randomId(32));
  });
});

describe("systemClock", () => {
  it("is shifted by its offset", () => {
    const ahead = systemClock(86_400_000).now().getTime() - Date.now();
    expect(Math.abs(ahead - 86_400_000)).toBeLessThan(60_000);
    expect(unixSeconds(new Date(1_999))).toBe(1);
  });
});
