import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import type { FeedChange, FeedEvent } from "@catalog/schema/feed";
import type { OfferFilter } from "@catalog/schema/offer-filter";

/** A change with its document's content; both null for a removal. */
export interface ReadableChange extends FeedChange {
  readonly cluster: CatalogCluster | null;
  readonly offer: CatalogOffer | null;
}

/** A message of the feed for readers that do not parse documents themselves. */
export interface ReadableEvent extends FeedEvent {
  readonly changes: readonly ReadableChange[];
}

/** The live catalog as one reader sees it. */
export interface FeedPort {
  /** Begins at `since` or from nothing; ends when the consumer stops. Throws BAD_USER_INPUT for a filter that is not valid. */
  subscribe(args: { readonly since: string | null; readonly filter: OfferFilter | null }): AsyncIterable<ReadableEvent>;
}
