import { Backoff } from "@catalog/server/backoff";
import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { describe, expect, it } from "vitest";
import { KeyedWorkers, untilAborted } from "./keyed-workers.js";

describe("workers", () => {
  it("look once more when they are woken in the middle of a turn, and never twice at once", async () => {
    const stopping = new AbortController();
    let running = 0;
    let most = 0;
    let turns = 0;
    const workers: KeyedWorkers = new KeyedWorkers(
      "a thing",
      async (key) => {
        most = Math.max(most, ++running);
        if (++turns === 1) workers.wake(key, stopping.signal);
        await Promise.resolve();
        running--;
        return undefined;
      },
      silentLog(),
    );
    workers.wake("a", stopping.signal);
    await workers.ended();
    expect([turns, most]).toEqual([2, 1]);
  });

  it("try again what failed without holding up another, and end with their signal", async () => {
    const stopping = new AbortController();
    const seen: string[] = [];
    const turn = async (key: string): Promise<number> => {
      seen.push(key);
      if (key === "bad") throw new Error("not yet");
      return 60_000;
    };
    const workers = new KeyedWorkers("a thing", turn, silentLog());
    for (const key of ["bad", "good"]) workers.wake(key, stopping.signal);
    await waitFor(() => seen.filter((key) => key === "bad").length >= 2);
    expect(seen.filter((key) => key === "good")).toHaveLength(1);
    stopping.abort();
    await workers.ended();
    await untilAborted(stopping.signal);
    workers.wake("late", stopping.signal);
    expect(seen).not.toContain("late");
  });

  it("try everything that failed at once when one of it succeeds, and leave alone what rests", async () => {
    const stopping = new AbortController();
    const seen: string[] = [];
    let isAway = true;
    const turn = async (key: string): Promise<number> => {
      seen.push(key);
      if (isAway && key !== "well") throw new Error("nobody answers");
      return 60_000;
    };
    const anHour = (): Backoff => new Backoff(3_600_000, 3_600_000, () => 0.99);
    const workers = new KeyedWorkers("a thing", turn, silentLog(), anHour);
    const count = (key: string): number => seen.filter((each) => each === key).length;
    for (const key of ["well", "first", "second", "third"]) workers.wake(key, stopping.signal);
    await waitFor(() => seen.length === 4);
    isAway = false;
    seen.length = 0;
    workers.wake("second", stopping.signal);
    await waitFor(() => count("first") === 1 && count("third") === 1);
    expect(count("well")).toBe(0);
    stopping.abort();
    await workers.ended();
  });
});
