import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

export const SETUP = connectorGraphql(`
  query Setup {
    connector { ready prettyName contractEndpoint fingerprint clusterParameters { clusterID clusterName } }
    brokers { brokerID brokerName connected pending subscribed lastError }
    myOffers(first: 1) { offerID }
    diagnostics { check ok severity message whatToDo }
  }
`);
export const CONNECTOR_CHANGED = connectorGraphql(`subscription SetupConnector { connector { ready } }`);
export const BROKERS_CHANGED = connectorGraphql(`subscription SetupBrokers { brokers { brokerID connected pending } }`);
export const OFFERS_CHANGED = connectorGraphql(`subscription SetupOffers { myOffers { offerID } }`);
export const INITIALISE = connectorGraphql(
  `mutation InitCatalog($prettyName: String!, $contractEndpoint: String!) {
    initCatalog(prettyName: $prettyName, contractEndpoint: $contractEndpoint) { ready prettyName contractEndpoint }
  }`,
);

export type SetupFacts = ResultOf<typeof SETUP>;
