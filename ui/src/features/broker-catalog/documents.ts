import type { ResultOf } from "gql.tada";
import { brokerGraphql } from "../../lib/graphql/broker.ts";

const OFFER = brokerGraphql(`
  fragment ListedOffer on Offer @_unmask {
    fingerprint clusterID clusterPrettyName offerID offerName offerType status staleSince created labels
    plans { planID planName planCost planCostCurrency planCostPeriod available planQuantity resources }
  }
`);

export const LISTED_OFFERS = brokerGraphql(
  `query ListedOffers($first: Int!, $after: String, $filter: OfferFilter, $orderBy: OfferOrder!) {
    offers(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      nodes { ...ListedOffer }
      pageInfo { endCursor hasNextPage }
      totalCount
    }
  }`,
  [OFFER],
);
/** Says that the log has grown; what has changed is read. */
export const FEED_MOVED = brokerGraphql(`subscription FeedMoved { feedFigures { head } }`);

export type ListedOffer = ResultOf<typeof OFFER>;
export type OfferPage = ResultOf<typeof LISTED_OFFERS>["offers"];
