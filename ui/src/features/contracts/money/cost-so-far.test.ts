import { describe, expect, it } from "vitest";
import { type Costed, costInAll, costSoFar } from "./cost-so-far.ts";

const HOUR = 3600;
const contract: Costed = {
  ...{ units: 3, activatedAt: 1000, endedAt: null, validUntil: null },
  money: { cost: 0.5, period: "hour" },
};

describe("what a contract has cost", () => {
  it("rises with each second in force, for all units", () => {
    expect(costSoFar(contract, 1000)).toBe(0n);
    expect(costSoFar(contract, 1000 + 2 * HOUR)).toBe(3_000_000n);
  });

  it("is nothing before it was in force, whatever the clock says", () => {
    expect(costSoFar({ ...contract, activatedAt: null }, 9e9)).toBe(0n);
    expect(costSoFar(contract, 0)).toBe(0n);
  });

  it("stands still once it has ended", () => {
    expect(costSoFar({ ...contract, endedAt: 1000 + HOUR }, 9e9)).toBe(1_500_000n);
    expect(costSoFar({ ...contract, validUntil: 1000 + HOUR }, 9e9)).toBe(1_500_000n);
  });
});

describe("what it costs in all", () => {
  it("is known where an end was agreed and is kept", () => {
    expect(costInAll({ ...contract, validUntil: 1000 + 4 * HOUR })).toBe(6_000_000n);
    expect(costInAll(contract)).toBeUndefined();
    expect(costInAll({ ...contract, validUntil: 5000, endedAt: 2000 })).toBeUndefined();
  });
});
