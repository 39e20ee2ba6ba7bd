import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

export const SETTINGS = connectorGraphql(`
  query Settings {
    connector { ready prettyName contractEndpoint clusterParameters { clusterID clusterName endpoint } liqo { mode version } }
    capacityPolicy { refuseBeyondCapacity measuredAt unknownBecause }
    viewer { actor role permissions isSession expiresAt }
  }
`);
export const CONNECTOR_CHANGED = connectorGraphql(`subscription ConnectorChanged { connector { ready } }`);
export const REACHABILITY = connectorGraphql(
  `query Reachability { diagnostics { check ok severity message whatToDo } }`,
);

export const SET_NAME = connectorGraphql(
  `mutation SetClusterPrettyName($prettyName: String!) { setClusterPrettyName(prettyName: $prettyName) { prettyName } }`,
);
export const SET_ENDPOINT = connectorGraphql(
  `mutation SetContractEndpoint($contractEndpoint: String!) {
    setContractEndpoint(contractEndpoint: $contractEndpoint) { contractEndpoint }
  }`,
);
export const SET_POLICY = connectorGraphql(
  `mutation SetCapacityPolicy($refuseBeyondCapacity: Boolean!) {
    setCapacityPolicy(refuseBeyondCapacity: $refuseBeyondCapacity) { refuseBeyondCapacity }
  }`,
);

const ALLOWANCE = connectorGraphql(`
  fragment AllowanceRow on Allowance @_unmask { clusterID decided resources unlimited }
`);
export const ALLOWANCES = connectorGraphql(
  `query Allowances($first: Int!, $after: ID) { allowedClusters(first: $first, after: $after) { ...AllowanceRow } }`,
  [ALLOWANCE],
);
export const ALLOWANCES_CHANGED = connectorGraphql(`subscription AllowancesChanged { activity { action } }`);
export const SET_ALLOWANCE = connectorGraphql(
  `mutation SetAllowance($clusterID: ID!, $resources: ResourceList, $unlimited: Boolean) {
    setAllowance(clusterID: $clusterID, resources: $resources, unlimited: $unlimited) { clusterID decided }
  }`,
);

const TOKEN = connectorGraphql(`
  fragment TokenRow on ScriptToken @_unmask {
    tokenID name role created createdBy expiresAt lastUsedAt revokedAt
  }
`);
export const TOKENS = connectorGraphql(
  `query ScriptTokens($first: Int!, $after: ID) { scriptTokens(first: $first, after: $after) { ...TokenRow } }`,
  [TOKEN],
);
export const TOKEN_CHANGED = connectorGraphql(`subscription ScriptTokenChanged { scriptTokens { ...TokenRow } }`, [
  TOKEN,
]);
export const CREATE_TOKEN = connectorGraphql(
  `mutation CreateScriptToken($name: String!, $role: Role!, $expiresAt: Timestamp) {
    createScriptToken(name: $name, role: $role, expiresAt: $expiresAt) { tokenID name token }
  }`,
);
export const REVOKE_TOKEN = connectorGraphql(
  `mutation RevokeScriptToken($tokenID: ID!) { revokeScriptToken(tokenID: $tokenID) { tokenID revokedAt } }`,
);

export type SettingsFacts = ResultOf<typeof SETTINGS>;
export type AllowanceRow = ResultOf<typeof ALLOWANCE>;
export type TokenRow = ResultOf<typeof TOKEN>;
export type Role = TokenRow["role"];
