import { canonicalFilter, filterProblems, type OfferFilter } from "@catalog/schema/offer-filter";
import { requireNoProblems } from "@catalog/schema/problem";

import { FeedFilter } from "../domain/feed-filter.js";
import { filterHash } from "./cursor-codec.js";

/** Which part of the feed a reader wants; the hash stands in its cursors. */
export interface Selection {
  readonly filter: FeedFilter | null;
  readonly hash: string;
}

/** Reads a filter. Throws BAD_USER_INPUT with everything that is wrong with it. */
export function selectionOf(filter: OfferFilter | null): Selection {
  requireNoProblems(filterProblems(filter).map((problem) => ({ ...problem, path: `filter.${problem.path}` })));
  if (filter === null) return { filter: null, hash: filterHash("") };
  return { filter: new FeedFilter(filter), hash: filterHash(canonicalFilter(filter)) };
}
