import { connectorGraphql } from "../../lib/graphql/connector.ts";
import { OFFER_ROW } from "../catalog/documents.ts";

export const COMPARED_OFFER = connectorGraphql(
  `query ComparedOffer($clusterID: ID!, $offerID: ID!) { offer(clusterID: $clusterID, offerID: $offerID) { ...OfferRow } }`,
  [OFFER_ROW],
);

export const COMPARED_CHANGED = connectorGraphql(`
  subscription ComparedChanged($since: String, $filter: OfferFilter!) {
    catalog(since: $since, filter: $filter) { type cursor changes { kind fingerprint offerID } }
  }
`);
