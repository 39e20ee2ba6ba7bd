import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

/** What a row of the list shows. */
const ROW = connectorGraphql(`
  fragment ContractRow on Contract @_unmask {
    contractID role state enabled units created changed validUntil allowedActions code message approveBy
    offerID planID resources
    offer { offerName noticePeriod }
    plan { planName }
    money { total currency period }
    buyer { fingerprint clusterID prettyName }
    seller { fingerprint clusterID prettyName }
  }
`);

/** What the page of one contract shows besides. */
const WHOLE = connectorGraphql(
  `
  fragment ContractWhole on Contract @_unmask {
    ...ContractRow
    activatedAt breach endedAt releasedAt releasedByForce overdue reservedUntil validFrom requestID
    contract terms activation receipt notice
    money { cost }
    plan { planName resources }
    peerable { ok reason }
    offloadings { namespace phase }
    offer { offerName offerType description noticePeriod minDuration labels }
    buyer { clusterName contractEndpoint liqo { mode version } }
    seller { clusterName contractEndpoint liqo { mode version } }
    timeline { state at actor message code }
  }
`,
  [ROW],
);

export const CONTRACTS = connectorGraphql(
  `query Contracts($first: Int!, $after: ID) { contracts(first: $first, after: $after) { ...ContractRow } }`,
  [ROW],
);
export const CONTRACT = connectorGraphql(`query Contract($id: ID!) { contract(id: $id) { ...ContractWhole } }`, [
  WHOLE,
]);
export const CONTRACT_ROWS_CHANGED = connectorGraphql(`subscription ContractRows { contracts { ...ContractRow } }`, [
  ROW,
]);
export const CONTRACT_CHANGED = connectorGraphql(`subscription ContractChanged { contracts { contractID } }`);

export const APPROVE = connectorGraphql(
  `mutation ApproveContract($id: ID!) { approveContract(id: $id) { contractID state } }`,
);
export const REJECT = connectorGraphql(
  `mutation RejectContract($id: ID!, $reason: String) { rejectContract(id: $id, reason: $reason) { contractID state } }`,
);
export const TERMINATE = connectorGraphql(
  `mutation TerminateContract($id: ID!, $reason: String, $force: Boolean!) {
    terminateContract(id: $id, reason: $reason, force: $force) { contractID state }
  }`,
);
export const RELEASE = connectorGraphql(
  `mutation ReleaseContract($id: ID!, $reason: String!) {
    releaseContract(id: $id, reason: $reason) { contractID releasedByForce }
  }`,
);

/** Signed descriptors, which hold the keys that signatures are proven with. */
export const OWN_DESCRIPTOR = connectorGraphql(`query OwnDescriptor { connector { fingerprint descriptor } }`);
export const KNOWN_DESCRIPTORS = connectorGraphql(
  `query KnownDescriptors($after: ID) { knownClusters(first: 200, after: $after) { fingerprint descriptor } }`,
);

export type ContractRow = ResultOf<typeof ROW>;
export type ContractWhole = ResultOf<typeof WHOLE>;
