import type { ResultOf, VariablesOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

export const BUY = connectorGraphql(
  `mutation Buy($input: BuyInput!) { buy(input: $input) { contractID state code message } }`,
);
export const PURCHASES = connectorGraphql(
  `query Purchases { contracts(role: BUYER, first: 100) { contractID requestID } }`,
);
export const PURCHASES_CHANGED = connectorGraphql(
  `subscription PurchasesChanged { contracts { contractID requestID } }`,
);

const PROGRESS = connectorGraphql(`
  fragment Progress on Contract @_unmask {
    contractID role state units offerID planID created approveBy reservedUntil activatedAt validUntil endedAt
    code message allowedActions resources
    offer { offerName } plan { planName } money { total currency period }
    seller { fingerprint clusterID prettyName }
    timeline { state at actor message }
  }
`);
export const PURCHASE = connectorGraphql(`query Purchase($id: ID!) { contract(id: $id) { ...Progress } }`, [PROGRESS]);
export const PURCHASE_PEERING = connectorGraphql(`
  query PurchasePeering($id: ID!) {
    peering(contractID: $id) { peeringID phase message whatToDo since steps { name status detail } manifests }
  }
`);
export const PURCHASE_CHANGED = connectorGraphql(`subscription PurchaseChanged { contracts { contractID } }`);
export const PEERING_CHANGED = connectorGraphql(
  `subscription PurchasePeeringChanged { peerings { peeringID contracts { contractID } } }`,
);

export const CANCEL = connectorGraphql(
  `mutation GiveUpPurchase($id: ID!) { terminateContract(id: $id) { contractID state } }`,
);
export const PEER = connectorGraphql(
  `mutation PeerAgain($id: ID!) { createPeering(contractID: $id) { peeringID phase } }`,
);

export type BuyInput = VariablesOf<typeof BUY>["input"];
export type Progress = ResultOf<typeof PROGRESS>;
export type PeeringProgress = ResultOf<typeof PURCHASE_PEERING>["peering"];
