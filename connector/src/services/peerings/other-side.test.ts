import { describe, expect, it } from "vitest";
import { isQuestionDue, isSameSide, ownSideView, readSideView, withSide } from "./other-side.js";
import type { PeeringReport } from "./peering-ports.js";

const NOW = 1_800_000_000;
const SAID = { phase: "WAITING", message: "a", whatToDo: "b", since: NOW - 5, granted: { cpu: "1500m" } };

const reported = (report: Partial<PeeringReport>) => ({
  report: { phase: "WAITING", message: "m", whatToDo: null, steps: [], conditions: [], ...report } as never,
  phaseSince: 7,
});

describe("what the other side says", () => {
  it("is read whole where it has the right form", () => {
    expect(readSideView(SAID, NOW)).toEqual(SAID);
    expect(readSideView({ phase: "GONE" }, NOW)).toEqual({
      phase: "GONE",
      message: "",
      whatToDo: null,
      since: null,
      granted: {},
    });
  });

  it.each([[null], ["WAITING"], [[]], [{}], [{ phase: "DONE" }], [{ phase: ["WAITING"] }], [{ phase: "toString" }]])(
    "says nothing as %j",
    (said) => expect(readSideView(said, NOW)).toBeUndefined(),
  );

  it("keeps no character that steers how it is shown, and no text as long as it came", () => {
    const view = readSideView(
      { ...SAID, message: `a\u0000\n\u202eb\ud800${"😀".repeat(5_000)}`, whatToDo: "x".repeat(9_999) },
      NOW,
    );
    expect(view?.message.startsWith("a b 😀")).toBe(true);
    expect(view?.message).not.toMatch(/\p{C}/u);
    expect(Array.from(view?.message ?? "")).toHaveLength(500);
    expect(view?.whatToDo).toHaveLength(500);
  });

  it("keeps only quantities of resources, and not too many", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`r${i}`, "1"]));
    expect(Object.keys(readSideView({ ...SAID, granted: many }, NOW)?.granted ?? {})).toHaveLength(64);
    const odd = { cpu: "1", "a b": "1", memory: "<b>", pods: 7, gpu: "1e3", __proto__x: "1", "-x": "1" };
    expect(readSideView({ ...SAID, granted: odd }, NOW)?.granted).toEqual({ cpu: "1", gpu: "1e3" });
    expect(readSideView({ ...SAID, granted: ["1"] }, NOW)?.granted).toEqual({});
  });

  it.each([-1, 1.5, "7", NOW + 10_000, Number.MAX_VALUE])("has no time as %s", (since) => {
    expect(readSideView({ ...SAID, since }, NOW)?.since).toBeNull();
  });
});

describe("what this side says", () => {
  it("is its report, but for what its own admin has to mend", () => {
    expect(ownSideView(reported({ message: "a\nb", whatToDo: "c" }))).toEqual({
      phase: "WAITING",
      message: "a b",
      whatToDo: "c",
      since: 7,
    });
    const failed = ownSideView(
      reported({ phase: "FAILED", message: "system:serviceaccount:x may not", whatToDo: "y" }),
    );
    expect(JSON.stringify(failed)).not.toMatch(/serviceaccount|"y"/);
    expect(ownSideView({ report: null, phaseSince: 7 }).phase).toBe("WAITING");
  });

  it("stands beside what the driver answers, whose words come first", () => {
    const reply = withSide({ type: "status", message: "driver", hasTenant: true }, reported({ phase: "ESTABLISHED" }));
    expect(reply).toMatchObject({ type: "status", message: "driver", hasTenant: true, phase: "ESTABLISHED", since: 7 });
    expect(withSide({ type: "status" }, reported({}))).toMatchObject({ message: "m" });
  });
});

it("is asked for sparingly, and not any more at the end", () => {
  expect([0, 14, 15].map((age) => isQuestionDue("WAITING", 100, 100 + age))).toEqual([false, false, true]);
  expect([15, 299, 300].map((age) => isQuestionDue("ESTABLISHED", 100, 100 + age))).toEqual([false, false, true]);
  expect(isQuestionDue("GONE", -Infinity, 100)).toBe(false);
});

it("is the same whenever it was heard", () => {
  const view = readSideView(SAID, NOW) ?? null;
  const at = (time: number) => view && { ...view, at: time };
  expect(isSameSide(at(1), at(2))).toBe(true);
  expect(isSameSide(null, at(2))).toBe(false);
});
