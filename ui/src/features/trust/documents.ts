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
export const TRUST_PAGE = connectorGraphql(`
  query Trust {
    connector { fingerprint prettyName descriptor clusterParameters { clusterID } }
    brokers { brokerID brokerName brokerEndpoint membership registeredAt }
    equivocations { brokerID fingerprint kind number offerID first second seenAt }
  }
`);
/** Each entry may mean that somebody became known or is seen otherwise. */
export const SOMETHING_HAPPENED = connectorGraphql(`subscription SomethingHappened { activity { id action } }`);
/** Whoever appears or goes. A filter applies to offers alone: this one, which no cluster fits, leaves them out. */
export const CLUSTERS_CHANGED = connectorGraphql(`
  subscription ClustersChanged($since: String) {
    catalog(since: $since, filter: { clusterIDs: ["*"] }) { type cursor changes { kind } }
  }
`);

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
