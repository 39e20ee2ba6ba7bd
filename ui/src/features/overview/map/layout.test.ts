import { describe, expect, it } from "vitest";
import { layoutOf, lineOf, nearest } from "./layout.ts";
import type { Party, PartyKind } from "./parties.ts";

function parties(kind: PartyKind, count: number): Party[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `${kind} ${n}`,
    kind,
    name: `${kind} ${n}`,
    href: "/",
    contracts: 1,
    resources: { cpu: "1" },
    health: "OK",
    state: { text: "Peered", tone: "good" },
  }));
}

const WIDTHS = [300, 360, 700, 1280];
const SIZES = [0, 1, 3, 15, 100];

describe.each(WIDTHS)("at %i px", (width) => {
  it.each(SIZES)("keeps %i providers and customers inside, apart from each other, and each on its side", (count) => {
    const all = [...parties("broker", 3), ...parties("provider", count), ...parties("customer", count)];
    const layout = layoutOf(all, width);
    expect(layout.places).toHaveLength(all.length);
    for (const { x, y, party } of layout.places) {
      expect(x).toBeGreaterThan(8);
      expect(x).toBeLessThan(width - 8);
      expect(y).toBeGreaterThan(8);
      expect(y).toBeLessThan(layout.height - 8);
      const along = layout.isNarrow ? y - layout.self.y : x - layout.self.x;
      if (party.kind !== "broker") expect(Math.sign(along)).toBe(party.kind === "provider" ? -1 : 1);
    }
    const gaps = layout.places.flatMap((a, n) =>
      layout.places.slice(n + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)),
    );
    expect(Math.min(...gaps)).toBeGreaterThan(13);
  });

  it("has a name beside each of a few, and none where there are many", () => {
    expect(layoutOf(parties("provider", 3), width).places.every(({ label }) => label !== "none")).toBe(true);
    expect(layoutOf(parties("provider", 30), width).places.every(({ label }) => label === "none")).toBe(true);
  });
});

it("draws the line the way resources flow", () => {
  const layout = layoutOf([...parties("provider", 1), ...parties("customer", 1)], 1000);
  const [provider, customer] = layout.places;
  const self = `${layout.self.x} ${layout.self.y}`;
  if (provider === undefined || customer === undefined) throw new Error("no places");
  expect(lineOf(provider, layout)).toMatch(new RegExp(`${self}$`));
  expect(lineOf(customer, layout)).toMatch(new RegExp(`^M ${self} `));
});

it("goes with an arrow to the nearest in that direction, and nowhere where nothing is", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 100, y: 5 },
    { x: 60, y: 90 },
    { x: -50, y: 0 },
  ];
  expect(nearest(points, { x: 0, y: 0 }, "ArrowRight")).toEqual({ x: 100, y: 5 });
  expect(nearest(points, { x: 0, y: 0 }, "ArrowDown")).toEqual({ x: 60, y: 90 });
  expect(nearest(points, { x: -50, y: 0 }, "ArrowLeft")).toBeUndefined();
});
