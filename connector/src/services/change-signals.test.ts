import { describe, expect, it } from "vitest";
import { ChangeSignals } from "./change-signals.js";

describe("change signals", () => {
  it("calls every listener of the topic although one throws", () => {
    const errors: unknown[] = [];
    const seen: string[] = [];
    const changes = new ChangeSignals((error) => errors.push(error));
    changes.on("contract", () => {
      throw new Error("broken listener");
    });
    changes.on("contract", (id) => seen.push(id));
    changes.on("offer", (id) => seen.push(`offer ${id}`));
    changes.emit("contract", "c1");
    expect(seen).toEqual(["c1"]);
    expect(errors).toHaveLength(1);
  });

  it("stops calling a listener that has gone", () => {
    const seen: string[] = [];
    const changes = new ChangeSignals(() => undefined);
    const stop = changes.on("grant", (id) => seen.push(id));
    stop();
    changes.emit("grant", "x");
    expect(seen).toEqual([]);
  });

  it("yields what was emitted before and while it waited, each waiting id once, and ends with its signal", async () => {
    const changes = new ChangeSignals(() => undefined);
    const abort = new AbortController();
    const stream = changes.stream("contract", abort.signal);
    const first = stream.next();
    changes.emit("contract", "a");
    expect((await first).value).toBe("a");
    changes.emit("contract", "b");
    changes.emit("contract", "b");
    changes.emit("contract", "c");
    expect((await stream.next()).value).toBe("b");
    expect((await stream.next()).value).toBe("c");
    const last = stream.next();
    abort.abort();
    expect((await last).done).toBe(true);
  });
});
