import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RowWindow } from "./row-window.svelte.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const ROW = 40;
function scrolled(...tops: number[]): RowWindow {
  const rows = new RowWindow(12);
  rows.viewHeight = 400;
  for (const top of tops) rows.scrollTo(top, ROW);
  return rows;
}

it("has rows around what is seen", () => {
  expect(scrolled(0).of(10_000, ROW)).toEqual({ first: 0, end: 22 });
  expect(scrolled(200, 400, 600).of(10_000, ROW)).toEqual({ first: 3, end: 37 });
});

it("has what is seen alone while somebody jumps, and the rest on arrival", () => {
  const rows = scrolled(100_000, 100_040);
  expect(rows.of(10_000, ROW)).toEqual({ first: 2500, end: 2512 });
  vi.runAllTimers();
  expect(rows.of(10_000, ROW)).toEqual({ first: 2489, end: 2523 });
});

it("never leaves the list", () => {
  expect(scrolled(10_000_000).of(100, ROW)).toEqual({ first: 89, end: 100 });
});
