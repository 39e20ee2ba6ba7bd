import { describe, expect, it } from "vitest";

import { lagSpread } from "./lag-spread.js";

describe("lagSpread", () => {
  it("is zero for nobody", () => {
    expect(lagSpread([])).toEqual({ current: 0, behind: 0, median: 0, p90: 0, max: 0 });
  });

  it("counts who has everything, and ranks the rest", () => {
    expect(lagSpread([0, 9, 0, 1, 2, 3, 4, 5, 6, 7])).toEqual({ current: 2, behind: 8, median: 3, p90: 7, max: 9 });
    expect(lagSpread([5])).toEqual({ current: 0, behind: 1, median: 5, p90: 5, max: 5 });
  });
});
