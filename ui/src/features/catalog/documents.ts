import type { ResultOf, VariablesOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

/** What a row, a card and a comparison show of an offer. */
export const OFFER_ROW = connectorGraphql(`
  fragment OfferRow on Offer @_unmask {
    fingerprint clusterID clusterName clusterPrettyName
    offerID offerName offerType status approval capacity labels created rev termsRev staleSince minDuration noticePeriod
    peerable { ok reason }
    plans { planID planName planCost planCostCurrency planCostPeriod planQuantity available resources }
  }
`);

export const OFFERS = connectorGraphql(
  `
  query Offers($filter: OfferFilter!, $orderBy: OfferOrder!, $first: Int!, $after: String) {
    offers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      totalCount feedCursor pageInfo { endCursor hasNextPage } nodes { ...OfferRow }
    }
  }
`,
  [OFFER_ROW],
);

export const OFFERS_CHANGED = connectorGraphql(
  `
  subscription OffersChanged($since: String, $filter: OfferFilter!) {
    catalog(since: $since, filter: $filter) {
      type cursor changes { op kind fingerprint offerID offer { ...OfferRow } }
    }
  }
`,
  [OFFER_ROW],
);

export const FACETS = connectorGraphql(`
  query OfferFacets($filter: OfferFilter!) {
    offerFacets(filter: $filter) {
      total
      types { value count }
      currencies { value count }
      resources { value count }
      labels { label values { value count } }
    }
  }
`);

export type OfferRow = ResultOf<typeof OFFER_ROW>;
export type PlanRow = OfferRow["plans"][number];
export type OfferFilter = VariablesOf<typeof OFFERS>["filter"];
export type OfferOrder = VariablesOf<typeof OFFERS>["orderBy"];
export type CatalogMessage = ResultOf<typeof OFFERS_CHANGED>["catalog"];
export type Facets = ResultOf<typeof FACETS>["offerFacets"];
