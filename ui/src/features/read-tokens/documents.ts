import type { ResultOf } from "gql.tada";
import { brokerGraphql } from "../../lib/graphql/broker.ts";

const READ_TOKEN = brokerGraphql(`
  fragment ReadTokenRow on ReadToken @_unmask { tokenID name created expiresAt revokedAt }
`);

export const READ_TOKENS = brokerGraphql(
  `query ReadTokens($first: Int!, $after: ID) { readTokens(first: $first, after: $after) { ...ReadTokenRow } }`,
  [READ_TOKEN],
);
export const READ_TOKEN_CHANGED = brokerGraphql(`subscription ReadTokenChanged { readTokens { ...ReadTokenRow } }`, [
  READ_TOKEN,
]);
export const CREATE_READ_TOKEN = brokerGraphql(
  `mutation CreateReadToken($name: String, $expiresAt: Timestamp) {
    createReadToken(name: $name, expiresAt: $expiresAt) { tokenID token expiresAt }
  }`,
);
export const REVOKE_TOKEN = brokerGraphql(`mutation RevokeToken($tokenID: ID!) { revokeToken(tokenID: $tokenID) }`);

export type ReadTokenRow = ResultOf<typeof READ_TOKEN>;
