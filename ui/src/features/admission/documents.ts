import type { ResultOf } from "gql.tada";
import { brokerGraphql } from "../../lib/graphql/broker.ts";

const JOIN_STRING = brokerGraphql(`
  fragment JoinStringRow on JoinString @_unmask { tokenID name created expiresAt revokedAt usedAt usedBy }
`);

export const JOIN_STRINGS = brokerGraphql(
  `query JoinStrings($first: Int!, $after: ID) { joinStrings(first: $first, after: $after) { ...JoinStringRow } }`,
  [JOIN_STRING],
);
export const JOIN_STRING_CHANGED = brokerGraphql(
  `subscription JoinStringChanged { joinStrings { ...JoinStringRow } }`,
  [JOIN_STRING],
);
export const CREATE_JOIN_STRING = brokerGraphql(
  `mutation CreateJoinString($name: String) { createJoinString(name: $name) { tokenID join expiresAt } }`,
);
export const REVOKE_TOKEN = brokerGraphql(`mutation RevokeToken($tokenID: ID!) { revokeToken(tokenID: $tokenID) }`);
export const MODE = brokerGraphql(`query EnrolmentMode { broker { enrolmentMode url fingerprint } }`);
export const SET_MODE = brokerGraphql(
  `mutation SetEnrolmentMode($mode: EnrolmentMode!) { setEnrolmentMode(mode: $mode) }`,
);

export type JoinStringRow = ResultOf<typeof JOIN_STRING>;
export type EnrolmentMode = ResultOf<typeof MODE>["broker"]["enrolmentMode"];
