import { matchesRead, readFilter, type OfferFilter, type ReadFilter } from "@catalog/schema/offer-filter";

import type { CatalogChangeView } from "./feed-change.js";

/** A change that a reader is told, with the state before it if that can be known. */
export interface Telling {
  readonly view: CatalogChangeView;
  /**
   * The state that the reader may have: undefined where it cannot have one, "unknown" where it may have one that is forgotten.
   */
  readonly before: CatalogChangeView | "unknown" | undefined;
}

/** What a reader wants to see of the feed. */
export class FeedFilter {
  private readonly read: ReadFilter;

  /** @param filter without `filterProblems`. */
  constructor(filter: OfferFilter) {
    this.read = readFilter(filter);
  }

  /** Whether the state that a change describes is wanted. Clusters are wanted whenever their offers may be. */
  wants(view: CatalogChangeView): boolean {
    if (view.op === "REMOVE") return false;
    if (view.kind === "CLUSTER") return this.read.clusterIDs === null || this.read.clusterIDs.includes(view.clusterID);
    return view.offer !== null && matchesRead(view.offer, this.read);
  }

  /** The change as the reader is told it: as it is, as a removal of what it wants no longer, or not at all. */
  tell({ view, before }: Telling): CatalogChangeView | undefined {
    if (this.wants(view)) return view;
    if (before === undefined) return undefined;
    const wasWanted = before === "unknown" || this.wants(before);
    if (!wasWanted) return undefined;
    return view.op === "REMOVE" ? view : view.asRemoval();
  }
}
