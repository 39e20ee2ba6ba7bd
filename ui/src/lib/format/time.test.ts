import { describe, expect, it } from "vitest";
import { duration, relativeTime } from "./time.ts";

describe("time", () => {
  it.each([
    [5, "just now"],
    [-5, "just now"],
    [-90, "1 min. ago"],
    [-7200, "2 hr. ago"],
    [3 * 86_400, "in 3 days"],
  ])("says %i s from now as %s", (offset, said) => {
    expect(relativeTime(1_000_000_000 + offset, 1_000_000_000)).toBe(said);
  });

  it("says lengths in their largest unit", () => {
    expect(duration(7200)).toBe("2 hours");
    expect(duration(30)).toBe("30 seconds");
  });
});
