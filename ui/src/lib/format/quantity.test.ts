import { describe, expect, it } from "vitest";
import { amountOf, formatAmount, quantityProblem, resourceOrder, share, sumText } from "./quantity.ts";

describe("quantities", () => {
  it.each([
    ["cpu", "1500m", "1.5"],
    ["memory", "4096Mi", "4 Gi"],
    ["memory", "500", "500 B"],
    ["nvidia.com/gpu", "2", "2"],
    ["cpu", "nonsense", "nonsense"],
  ])("shows %s %s as %s", (resource, quantity, shown) => {
    expect(formatAmount(resource, quantity)).toBe(shown);
  });

  it("says what is wrong with a text while it is typed", () => {
    expect(quantityProblem(" 2Gi ")).toBeUndefined();
    expect(quantityProblem("-1")).toContain("negative");
    expect(quantityProblem("4 Gib")).toContain("suffix");
  });

  it("sums in the form of the resource", () => {
    expect(sumText("memory", ["1Gi", "1024Mi"])).toBe("2Gi");
    expect(sumText("cpu", ["500m", "1"])).toBe("1500m");
  });

  it("gives shares between 0 and 1, also of nothing", () => {
    expect(share(amountOf("1") ?? 0n, amountOf("4") ?? 0n)).toBe(0.25);
    expect(share(1n, 0n)).toBe(0);
  });

  it("puts what everybody has first", () => {
    expect(["nvidia.com/gpu", "example.org/x", "memory", "cpu"].sort(resourceOrder)).toEqual([
      "cpu",
      "memory",
      "nvidia.com/gpu",
      "example.org/x",
    ]);
  });
});
