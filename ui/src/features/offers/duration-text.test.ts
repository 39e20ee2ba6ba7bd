import { expect, it } from "vitest";
import { readDuration, sayDuration, writeDuration } from "./duration-text.ts";

it.each([
  ["", null],
  ["  ", null],
  ["3600", 3600],
  ["30d", 2_592_000],
  ["1h 30m", 5400],
  ["1.5h", 5400],
  ["90 min", 5400],
  ["2 weeks", 1_209_600],
  ["1 day 12 hours", 129_600],
  ["0s", 0],
  ["soon", undefined],
  ["-1d", undefined],
  ["1d x", undefined],
  ["1y", undefined],
])("reads %j as %s", (text, seconds) => {
  expect(readDuration(text)).toBe(seconds);
});

it.each([null, 0, 1, 59, 90, 3600, 5400, 86_400, 604_800, 2_592_061])(
  "writes %s so that it is read back",
  (seconds) => {
    expect(readDuration(writeDuration(seconds))).toBe(seconds);
  },
);

it("says a length in full", () => {
  expect([sayDuration(5400), sayDuration(86_400), sayDuration(0)]).toEqual(["1 hour 30 minutes", "1 day", "0 seconds"]);
});
