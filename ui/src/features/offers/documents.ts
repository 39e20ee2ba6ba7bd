import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

const MY_OFFER = connectorGraphql(`
  fragment MyOfferRow on MyOffer @_unmask {
    offerID offerName offerType description created status withdrawn declared labels approval capacity noticePeriod minDuration rev
    clusterPrettyName
    plans {
      planID planName planCost planCostCurrency planCostPeriod planQuantity available held overcommitted resources
    }
  }
`);

export const MY_OFFERS = connectorGraphql(
  `query MyOffers($first: Int!, $after: ID) { myOffers(first: $first, after: $after) { ...MyOfferRow } }`,
  [MY_OFFER],
);
export const MY_OFFER_CHANGED = connectorGraphql(`subscription MyOfferChanged { myOffers { ...MyOfferRow } }`, [
  MY_OFFER,
]);
export const CAPACITY = connectorGraphql(`
  query Capacity {
    capacity { resource allocatable used declared sold left free overcommitted overdeclared }
    capacityPolicy { refuseBeyondCapacity measuredAt unknownBecause }
    connector { prettyName }
  }
`);
export const SUGGESTIONS = connectorGraphql(`
  query SuggestOffers {
    connector {
      suggestOffers {
        reason
        offers {
          pool offerID offerName offerType description approval capacity labels
          plans { planID planName planCost planCostCurrency planCostPeriod planQuantity resources }
        }
      }
    }
  }
`);

export const SAVE = connectorGraphql(
  `mutation SaveOffer($offer: OfferInput!) { saveOffer(offer: $offer) { offerID rev status } }`,
);
export const SET_STATUS = connectorGraphql(
  `mutation SetOfferStatus($offerID: ID!, $status: Boolean!) {
    setOfferStatus(offerID: $offerID, status: $status) { offerID status }
  }`,
);
export const WITHDRAW = connectorGraphql(
  `mutation WithdrawOffer($offerID: ID!) { withdrawOffer(offerID: $offerID) { offerID withdrawn } }`,
);

export type MyOfferRow = ResultOf<typeof MY_OFFER>;
export type CapacityFacts = ResultOf<typeof CAPACITY>;
export type SuggestedOffer = ResultOf<typeof SUGGESTIONS>["connector"]["suggestOffers"]["offers"][number];
