import type { ResultOf } from "gql.tada";
import { brokerGraphql } from "../../lib/graphql/broker.ts";

const MEMBER = brokerGraphql(`
  fragment MemberRow on Member @_unmask {
    fingerprint offers connected sockets lastSeen lag
    cluster { clusterID clusterName clusterPrettyName clusterContractEndpoint status requestedAt admittedAt liqo { mode version } }
  }
`);

export const MEMBERS = brokerGraphql(
  `query Members($first: Int!, $after: ID) { members(first: $first, after: $after) { ...MemberRow } }`,
  [MEMBER],
);
export const MEMBER_CHANGED = brokerGraphql(`subscription MemberChanged { members { ...MemberRow } }`, [MEMBER]);
export const APPROVE = brokerGraphql(
  `mutation ApproveCluster($fingerprint: ID!) { approveCluster(fingerprint: $fingerprint) { fingerprint status } }`,
);
export const REVOKE = brokerGraphql(
  `mutation RevokeCluster($fingerprint: ID!) { revokeCluster(fingerprint: $fingerprint) { fingerprint status } }`,
);

export type MemberRow = ResultOf<typeof MEMBER>;
export type MemberStatus = MemberRow["cluster"]["status"];
