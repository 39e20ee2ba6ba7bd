import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

const KNOWN = connectorGraphql(`
  fragment KnownRow on KnownCluster @_unmask {
    fingerprint clusterID clusterName clusterPrettyName clusterContractEndpoint brokerIDs
    holdsClusterID listed trusted trustedAt note pinnedAt source descriptor
  }
`);

export const KNOWN_CLUSTERS = connectorGraphql(
  `query KnownClusters($first: Int!, $after: ID) { knownClusters(first: $first, after: $after) { ...KnownRow } }`,
  [KNOWN],
);
export const KNOWN_CLUSTER_CHANGED = connectorGraphql(
  `subscription KnownClusterChanged { knownClusters { ...KnownRow } }`,
  [KNOWN],
);
export const TRUST_PAGE = connectorGraphql(`
  query Trust {
    connector { fingerprint prettyName descriptor clusterParameters { clusterID } }
    brokers { brokerID brokerName brokerEndpoint membership registeredAt }
    equivocations { brokerID fingerprint kind number offerID first second seenAt }
  }
`);
/** Each entry may mean that a Broker came or went, or that somebody was caught. */
export const SOMETHING_HAPPENED = connectorGraphql(`subscription SomethingHappened { activity { id action } }`);

export const TRUST = connectorGraphql(
  `mutation TrustCluster($fingerprint: ID!, $contractEndpoint: String, $note: String) {
    trustCluster(fingerprint: $fingerprint, contractEndpoint: $contractEndpoint, note: $note) { fingerprint trusted }
  }`,
);
export const UNTRUST = connectorGraphql(
  `mutation UntrustCluster($fingerprint: ID!) { untrustCluster(fingerprint: $fingerprint) { fingerprint trusted } }`,
);

export type KnownRow = ResultOf<typeof KNOWN>;
export type TrustFacts = ResultOf<typeof TRUST_PAGE>;
export type Equivocation = TrustFacts["equivocations"][number];
