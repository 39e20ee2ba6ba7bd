import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

const ITEM = connectorGraphql(`
  fragment AttentionItem on Attention @_unmask { kind severity subject title message link action at }
`);

export const ATTENTION = connectorGraphql(`query Attention { attention { ...AttentionItem } }`, [ITEM]);
export const ATTENTION_CHANGED = connectorGraphql(`subscription AttentionChanged { attention { ...AttentionItem } }`, [
  ITEM,
]);
export const APPROVE = connectorGraphql(
  `mutation ApproveContract($id: ID!) { approveContract(id: $id) { contractID state } }`,
);
export const REJECT = connectorGraphql(
  `mutation RejectContract($id: ID!, $reason: String) { rejectContract(id: $id, reason: $reason) { contractID state } }`,
);
export const PEER_AGAIN = connectorGraphql(
  `mutation CreatePeering($contractID: ID!) { createPeering(contractID: $contractID) { phase } }`,
);

export type AttentionItem = ResultOf<typeof ITEM>;
export type AttentionKind = AttentionItem["kind"];
