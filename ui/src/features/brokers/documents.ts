import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

const BROKER = connectorGraphql(`
  fragment BrokerRow on Broker @_unmask {
    brokerID brokerName brokerEndpoint subscribed connected connectedAt pending membership registered registeredAt
    announcedAt syncedAt lag lastError lastErrorAt publishError refusedDocuments lastRefusal
  }
`);

export const BROKERS = connectorGraphql(`query Brokers { brokers { ...BrokerRow } }`, [BROKER]);
export const BROKER_CHANGED = connectorGraphql(`subscription BrokerChanged { brokers { ...BrokerRow } }`, [BROKER]);
export const OWN_KEY = connectorGraphql(`query OwnKey { connector { fingerprint } }`);

export const REGISTER = connectorGraphql(
  `mutation RegisterBroker($join: String!, $name: String) {
    registerBroker(join: $join, name: $name) { brokerID brokerName membership }
  }`,
);
export const SUBSCRIBE = connectorGraphql(
  `mutation SetBrokerSubscription($brokerID: ID!, $subscribed: Boolean!) {
    setBrokerSubscription(brokerID: $brokerID, subscribed: $subscribed) { brokerID subscribed }
  }`,
);
export const UNREGISTER = connectorGraphql(
  `mutation UnregisterBroker($brokerID: ID!) { unregisterBroker(brokerID: $brokerID) { brokerID registered } }`,
);

export type BrokerRow = ResultOf<typeof BROKER>;
