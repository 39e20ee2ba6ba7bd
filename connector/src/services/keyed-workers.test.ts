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
});
