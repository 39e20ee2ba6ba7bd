import type { CatalogMessage, OfferRow } from "./documents.ts";

type Change = CatalogMessage["changes"][number];

/** An offer that is new since a list was read bears a number of about now; it is in Unix ms. */
const RECENT_MS = 600_000;

/** Names an offer in the whole Catalog. */
export function keyOf({ fingerprint, offerID }: { fingerprint: string; offerID: string | null }): string {
  return `${fingerprint} ${offerID ?? ""}`;
}

/** What has changed in the Catalog and is not shown yet, because showing it would move rows or change terms. */
export class HeldChanges {
  readonly #held = new Map<string, "new" | "changed" | "gone">();
  #isLost = false;

  /** How many offers differ from what is shown; at least one where nobody knows. */
  get count(): number {
    return this.#held.size + (this.#isLost ? 1 : 0);
  }

  /** Shown offers that do not belong there any more. */
  get gone(): ReadonlySet<string> {
    return new Set([...this.#held].filter(([, what]) => what === "gone").map(([key]) => key));
  }

  /** Nobody can say any more what has changed. */
  loseTrack(): void {
    this.#isLost = true;
  }

  /**
   * The rows with what may change in its place; everything else is held. The same list if no row changed.
   * @param places where each row stands, by its key. @param isWhole whether every offer that fits is among the rows. @param now Unix ms
   */
  take(
    rows: readonly OfferRow[],
    places: ReadonlyMap<string, number>,
    changes: readonly Change[],
    isWhole: boolean,
    now: number = Date.now(),
  ): readonly OfferRow[] {
    let result = rows;
    for (const change of changes) {
      if (change.kind !== "OFFER") continue;
      const place = places.get(keyOf(change));
      const before = place === undefined ? undefined : result[place];
      if (place === undefined || before === undefined) this.#takeUnknown(change, isWhole, now);
      else if (this.#takeKnown(change, before)) result = result.with(place, change.offer ?? before);
    }
    return result;
  }

  /** True if the row may change in its place. */
  #takeKnown(change: Change, before: OfferRow): boolean {
    const key = keyOf(change);
    if (change.offer === null) {
      this.#held.set(key, "gone");
      return false;
    }
    if (change.offer.termsRev !== before.termsRev || change.offer.status !== before.status) {
      this.#held.set(key, "changed");
      return false;
    }
    this.#held.delete(key);
    return true;
  }

  #takeUnknown(change: Change, isWhole: boolean, now: number): void {
    const key = keyOf(change);
    if (change.offer === null) {
      this.#held.delete(key);
      return;
    }
    // Beyond what was read, a change of stock is not news, but new terms may be an offer that belongs before the rest.
    const { rev, termsRev } = change.offer;
    if (isWhole || (rev === termsRev && rev > now - RECENT_MS)) this.#held.set(key, "new");
  }
}
