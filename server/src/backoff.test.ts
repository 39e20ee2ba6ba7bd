import { describe, expect, it } from "vitest";
import { Backoff, delay } from "./backoff.js";

describe("Backoff", () => {
  it("doubles the bound from 1 s to 60 s and starts anew after a success", () => {
    const backoff = new Backoff(1_000, 60_000, () => 0.999_999);
    const bounds = Array.from({ length: 8 }, () => Math.ceil(backoff.next() / 1_000));
    expect(bounds).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    backoff.reset();
    expect(Math.ceil(backoff.next() / 1_000)).toBe(1);
  });

  it("spreads the waits over the whole range below the bound", () => {
    expect(new Backoff(1_000, 60_000, () => 0).next()).toBe(0);
    expect(new Backoff(1_000, 60_000, () => 0.5).next()).toBe(500);
  });

  it("stays within its bound however often it is asked", () => {
    const backoff = new Backoff(1_000, 60_000);
    for (let i = 0; i < 2_000; i++) expect(backoff.next()).toBeLessThan(60_000);
  });
});

describe("delay", () => {
  it("ends at once, without an error, when it is aborted", async () => {
    const stop = new AbortController();
    const waiting = delay(3_600_000, stop.signal);
    stop.abort();
    await waiting;
    await delay(3_600_000, stop.signal);
  });
});
