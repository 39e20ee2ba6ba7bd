import { describe, expect, it } from "vitest";
import { chunksOf, filterOf, fits, linkOf, merged, sayActor } from "./activity-words.ts";
import type { ActivityRow } from "./documents.ts";

const entry = (change: Partial<ActivityRow> = {}): ActivityRow => ({
  ...{ id: "7", at: 1_700_000_000, actor: "script nightly", action: "offer.saved", subject: "small" },
  message: "Offer Small was saved",
  ...change,
});

describe("what the filter lets through", () => {
  it.each([
    [{}, true],
    [{ text: "SMALL was" }, true],
    [{ text: "large" }, false],
    [{ actor: "script" }, true],
    [{ actor: "admin" }, false],
    [{ action: "offer." }, true],
    [{ action: "contract." }, false],
    [{ subject: "small" }, true],
    [{ subject: "smal" }, false],
    [{ text: "saved", actor: "admin" }, false],
  ])("%j: %s", (filter, expected) => {
    expect(fits(entry(), filter)).toBe(expected);
  });

  it("is asked of the server only where something is asked", () => {
    expect(filterOf({ q: " ", actor: "", action: "", subject: "" })).toBeNull();
    expect(filterOf({ q: "a ", actor: "", action: "offer.", subject: "" })).toEqual({
      ...{ text: "a", actor: null, action: "offer.", subject: null },
    });
  });
});

it.each([
  ["admin", "Admin"],
  ["admin session", "Admin (in a browser)"],
  ["script nightly", "Script nightly"],
  ["script a b session", "Script a b (in a browser)"],
  ["connector", "The Connector by itself"],
  [`peer ${"x".repeat(43)}`, "Cluster xxxxxxxxxxxx…"],
  ["somebody", "somebody"],
])("%s is said as %s", (actor, said) => {
  expect(sayActor(actor)).toBe(said);
});

it("leads to what an entry is about, and only inside these pages", () => {
  expect(linkOf({ action: "contract.active", subject: "../x?y" })).toBe("/contracts/..%2Fx%3Fy");
  expect(linkOf({ action: "peering.failed", subject: "customer-f" })).toBe("/peerings?q=customer-f");
  expect(linkOf({ action: "database.restored", subject: "1" })).toBeUndefined();
});

describe("the list by day", () => {
  const DAY = 86_400;
  const entries = [9, 8, 7, 6].map((id) => entry({ id: String(id), at: 1_700_000_000 + (id > 7 ? DAY : 0) }));

  it("names each day once", () => {
    const chunks = chunksOf(entries);
    expect(chunks.map(({ entries: some }) => some.map(({ id }) => id).join())).toEqual(["9,8", "7,6"]);
    expect(chunks.every(({ day }) => day !== undefined)).toBe(true);
  });

  it("is cut so that chunks stay as they are while entries come at either end", () => {
    const many = Array.from({ length: 200 }, (_, n) => entry({ id: String(400 - n) }));
    const all = chunksOf(many);
    expect(all.filter(({ day }) => day !== undefined)).toHaveLength(1);
    expect(Math.max(...all.map(({ entries: some }) => some.length))).toBe(50);
    const inside = chunksOf(many.slice(30, 170)).slice(1, -1);
    for (const { key, entries: some } of inside) {
      expect(all.find((chunk) => chunk.key === key)?.entries).toEqual(some);
    }
    expect(inside.length).toBeGreaterThan(0);
  });

  it("joins what was read and heard, newest first, each once", () => {
    const [a, b, c, d] = entries;
    expect(merged([a, c, d] as ActivityRow[], [b, c] as ActivityRow[]).map(({ id }) => id)).toEqual([
      "9",
      "8",
      "7",
      "6",
    ]);
    expect(merged([entry({ id: "9" })], [entry({ id: "10" })]).map(({ id }) => id)).toEqual(["10", "9"]);
  });
});
