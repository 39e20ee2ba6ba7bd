import { CatalogError } from "@catalog/schema/errors";
import { describe, expect, it } from "vitest";
import { repeat } from "./repeat.js";

describe("repeat", () => {
  it("goes on after the database was away, and ends with its signal", async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    await repeat(stop.signal, async () => {
      seen.push(seen.length);
      if (seen.length === 1) throw new CatalogError("UNAVAILABLE", "the database is away");
      if (seen.length === 3) stop.abort();
    });
    expect(seen).toEqual([0, 1, 2]);
  });

  it("lets every other error out", async () => {
    const broken = repeat(new AbortController().signal, () => Promise.reject(new Error("broken")));
    await expect(broken).rejects.toThrow("broken");
  });
});
