import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";
import { OFFER_ROW } from "../catalog/documents.ts";

/** What the page of an offer shows of it. */
const OFFER_WHOLE = connectorGraphql(
  `fragment OfferWhole on Offer @_unmask { ...OfferRow description peerable { ok reason } }`,
  [OFFER_ROW],
);

/** Who sells it, as its signed descriptor says. */
const PROVIDER = connectorGraphql(`
  fragment Provider on Cluster @_unmask {
    fingerprint clusterID clusterName clusterPrettyName clusterContractEndpoint created seq staleSince jws
    liqo { mode version } peerable { ok reason }
  }
`);

export const PROVIDER_CATALOG = connectorGraphql(
  `
  subscription ProviderCatalog($since: String, $filter: OfferFilter!) {
    catalog(since: $since, filter: $filter) {
      type cursor changes { op kind fingerprint offerID cluster { ...Provider } offer { ...OfferWhole } }
    }
  }
`,
  [PROVIDER, OFFER_WHOLE],
);

export const OFFER_DOCUMENT = connectorGraphql(`
  query OfferDocument($clusterID: ID!, $offerID: ID!) {
    offer(clusterID: $clusterID, offerID: $offerID) { rev jws }
  }
`);

export const SELF = connectorGraphql(`
  query BuyingAs {
    viewer { permissions }
    connector { ready prettyName fingerprint contractEndpoint clusterParameters { clusterID } liqo { mode version } }
  }
`);

export type OfferWhole = ResultOf<typeof OFFER_WHOLE>;
export type Provider = ResultOf<typeof PROVIDER>;
export type Self = ResultOf<typeof SELF>;
