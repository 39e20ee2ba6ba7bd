import { describe, expect, it } from "vitest";
import { waitFor } from "./wait-for.js";

describe("waitFor", () => {
  it("returns what the condition returned once it holds", async () => {
    let calls = 0;
    const value = await waitFor(() => {
      calls += 1;
      if (calls === 1) throw new Error("not yet");
      return calls > 2 && "done";
    });
    expect([value, calls]).toEqual(["done", 3]);
  });

  it("throws after its bound and says why", async () => {
    const failing = waitFor(() => Promise.reject(new Error("still closed")), { timeoutMs: 30, what: "the door" });
    await expect(failing).rejects.toMatchObject({
      message: "the door did not hold within 30 ms",
      cause: { message: "still closed" },
    });
  });
});
