import { describe, expect, it } from "vitest";
import { windowOf } from "./column.ts";

describe("the window of a long table", () => {
  it("holds what is seen and some rows around it", () => {
    expect(windowOf(10_000, 44, 44_000, 600, 10)).toEqual({ first: 990, end: 1024 });
  });

  it("ends with the list", () => {
    expect(windowOf(200, 44, 1e9, 600, 10)).toEqual({ first: 176, end: 200 });
    expect(windowOf(5, 44, 0, 600)).toEqual({ first: 0, end: 5 });
  });

  it("shows the end of a list that became shorter than what was scrolled", () => {
    const { first, end } = windowOf(120, 44, 400_000, 600);
    expect(first).toBeLessThan(end);
    expect(end).toBe(120);
  });
});
