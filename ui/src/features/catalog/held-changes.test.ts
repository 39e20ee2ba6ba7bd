import { beforeEach, describe, expect, it } from "vitest";
import type { OfferRow } from "./documents.ts";
import { HeldChanges, keyOf } from "./held-changes.ts";

const NOW = 1_800_000_000_000;
const row = (offerID: string, changes: Partial<OfferRow> = {}): OfferRow =>
  ({
    fingerprint: "F",
    offerID,
    offerName: offerID,
    status: true,
    rev: 5,
    termsRev: 5,
    staleSince: null,
    ...changes,
  }) as OfferRow;
const upsert = (offer: OfferRow) =>
  ({ op: "UPSERT", kind: "OFFER", fingerprint: "F", offerID: offer.offerID, offer }) as const;
const remove = (offerID: string) => ({ op: "REMOVE", kind: "OFFER", fingerprint: "F", offerID, offer: null }) as const;

let held: HeldChanges;
const rows = [row("a"), row("b")];
const take = (isWhole: boolean, ...changes: (ReturnType<typeof upsert> | ReturnType<typeof remove>)[]) =>
  held.take(rows, new Map(rows.map((row, place) => [keyOf(row), place])), changes, isWhole, NOW);

beforeEach(() => {
  held = new HeldChanges();
});

describe("changes of a list that is being looked at", () => {
  it("shows stock and freshness where the row is", () => {
    const after = take(true, upsert(row("b", { rev: 6 })), upsert(row("a", { staleSince: 9 })));
    expect(after.map(({ offerID, rev, staleSince }) => [offerID, rev, staleSince])).toEqual([
      ["a", 5, 9],
      ["b", 6, null],
    ]);
    expect(held.count).toBe(0);
  });

  it("holds new terms, a pause, new offers and those that are gone, each once", () => {
    const after = take(
      true,
      upsert(row("a", { rev: 7, termsRev: 7 })),
      upsert(row("a", { rev: 8, termsRev: 8 })),
      remove("b"),
      upsert(row("c")),
    );
    expect(after).toBe(rows);
    expect(held.count).toBe(3);
    expect(held.gone).toEqual(new Set([keyOf({ fingerprint: "F", offerID: "b" })]));
    take(true, upsert(row("a", { rev: 9, status: false })));
    expect(held.count).toBe(3);
  });

  it("forgets what was taken back", () => {
    take(true, upsert(row("c")), remove("b"));
    take(true, remove("c"), upsert(row("b", { rev: 6 })));
    expect(held.count).toBe(0);
  });

  it("does not call an offer news that was only not read yet", () => {
    take(false, upsert(row("z", { rev: NOW - 1, termsRev: 5 })), upsert(row("y")), remove("x"));
    expect(held.count).toBe(0);
    take(false, upsert(row("new", { rev: NOW - 1, termsRev: NOW - 1 })));
    expect(held.count).toBe(1);
  });

  it("says that something may have changed where nobody can say what", () => {
    held.loseTrack();
    expect(held.count).toBe(1);
  });
});
