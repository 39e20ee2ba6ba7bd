import { describe, expect, it } from "vitest";

import { compareAnnouncement, type KnownOffer } from "./announcement.js";

const known = (offerID: string, rev: number, changes: Partial<KnownOffer> = {}): KnownOffer => ({
  offerID,
  rev,
  digest: `d${rev}`,
  clusterID: "c",
  isRemoved: false,
  ...changes,
});
const listed = (offerID: string, rev: number, digest = `d${rev}`) => ({ offerID, rev, digest });
const compare = (mine: KnownOffer[], theirs: ReturnType<typeof listed>[], asOf = 100) =>
  compareAnnouncement(mine, theirs, asOf, "c");

describe("compareAnnouncement", () => {
  it("wants nothing when both agree", () => {
    expect(compare([known("a", 5)], [listed("a", 5)])).toEqual({ need: [], outdated: [], drop: [] });
  });

  it.each([
    ["unknown", []],
    ["older", [known("a", 4)]],
    ["another with the same number", [known("a", 5, { digest: "other" })]],
    ["removed", [known("a", 5, { isRemoved: true })]],
    ["listed under another cluster id", [known("a", 5, { clusterID: "before" })]],
  ])("needs an offer that is %s", (_, mine) => {
    expect(compare(mine, [listed("a", 5)]).need).toEqual(["a"]);
  });

  it("proves a higher number instead of asking, for withdrawn offers too", () => {
    const compared = compare([known("a", 6), known("b", 6, { isRemoved: true })], [listed("a", 5), listed("b", 5)]);
    expect(compared).toEqual({ need: [], outdated: ["a", "b"], drop: [] });
  });

  it("drops what is not announced and not younger than the list", () => {
    const mine = [known("old", 100), known("young", 101), known("gone", 1, { isRemoved: true })];
    expect(compare(mine, []).drop).toEqual(["old"]);
  });
});
