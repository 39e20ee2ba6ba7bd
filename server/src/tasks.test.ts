import { describe, expect, it } from "vitest";
import { silentLog } from "./log.js";
import { periodicTask, TaskGroup } from "./tasks.js";
import { waitFor } from "./testing/wait-for.js";

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

describe("TaskGroup", () => {
  it("starts a task again that throws, while the others go on", async () => {
    const tasks = new TaskGroup(silentLog());
    let attempts = 0;
    let others = 0;
    tasks.start({
      name: "failing",
      run: async (signal) => {
        attempts += 1;
        if (attempts < 3) throw new Error("no");
        await aborted(signal);
      },
    });
    tasks.start({ name: "steady", run: (signal) => ((others += 1), aborted(signal)) });
    await waitFor(() => attempts === 3);
    expect(others).toBe(1);
    await tasks.stop();
  });

  it("resolves stop only when every task has ended, and starts none after it", async () => {
    const tasks = new TaskGroup(silentLog());
    const ended: string[] = [];
    const task = (name: string) => ({
      name,
      run: async (signal: AbortSignal) => {
        await aborted(signal);
        await Promise.resolve();
        ended.push(name);
      },
    });
    tasks.start(task("a"));
    tasks.start(task("b"));
    await tasks.stop();
    expect(ended).toEqual(["a", "b"]);
    tasks.start(task("late"));
    await tasks.stop();
    expect(ended).toHaveLength(2);
  });

  it("does not wait for the pause of a failed task when it stops", async () => {
    const tasks = new TaskGroup(silentLog());
    let attempts = 0;
    tasks.start({ name: "failing", run: () => Promise.reject(new Error(String((attempts += 1)))) });
    await waitFor(() => attempts === 1);
    await tasks.stop();
  });

  it("leaves a task alone whose work is done", async () => {
    const tasks = new TaskGroup(silentLog());
    let runs = 0;
    const task = { name: "once", run: async () => void (runs += 1) };
    tasks.start(task);
    tasks.start(task);
    await tasks.stop();
    expect(runs).toBe(1);
  });
});

describe("periodicTask", () => {
  it("repeats a step whether it throws or not, until it is stopped", async () => {
    const tasks = new TaskGroup(silentLog());
    let steps = 0;
    const step = () => ((steps += 1) % 2 === 0 ? Promise.reject(new Error("even")) : Promise.resolve());
    tasks.start(periodicTask("step", 1, step, { log: silentLog(), jitter: 0.2 }));
    await waitFor(() => steps >= 5);
    await tasks.stop();
    const after = steps;
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toBe(after);
  });
});
