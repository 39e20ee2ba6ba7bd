import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

/** What a row of the list shows. */
const ROW = connectorGraphql(`
  fragment PeeringRow on Peering @_unmask {
    peeringID side phase message whatToDo wanted network since created changed
    peer { fingerprint clusterID clusterName prettyName liqo { mode version } }
    contracts { contractID state enabled units offer { offerName } plan { planName } resources }
  }
`);

/** What the page of one peering shows besides. */
const WHOLE = connectorGraphql(
  `
  fragment PeeringWhole on Peering @_unmask {
    ...PeeringRow
    lastError lastErrorObject manifests
    steps { name status detail object }
    conditions { type status reason message }
    otherSide { phase message whatToDo granted since at }
    questions { name description command }
    timeline { at actor phase message }
  }
`,
  [ROW],
);

export const PEERINGS = connectorGraphql(`query Peerings { peerings { ...PeeringRow } }`, [ROW]);
export const PEERING_ROWS_CHANGED = connectorGraphql(`subscription PeeringRows { peerings { ...PeeringRow } }`, [ROW]);
export const PEERING = connectorGraphql(
  `query Peering($contractID: ID!) {
    connector { liqo { mode } }
    peering(contractID: $contractID) { ...PeeringWhole }
  }`,
  [WHOLE],
);
/** Each peering that changes, with the contracts behind it: enough to know whether it is the one that is shown. */
export const PEERING_CHANGED = connectorGraphql(
  `subscription PeeringChanged { peerings { peeringID contracts { contractID } } }`,
);
/** What decides whether a contract without a peering can be given one. */
export const PEERING_CONTRACT = connectorGraphql(
  `query PeeringContract($contractID: ID!) {
    connector { liqo { mode } }
    contract(id: $contractID) {
      contractID role state enabled
      seller { prettyName }
    }
  }`,
);

export const CREATE_PEERING = connectorGraphql(
  `mutation CreatePeering($contractID: ID!, $network: Boolean!) {
    createPeering(contractID: $contractID, network: $network) { peeringID phase }
  }`,
);
export const DELETE_PEERING = connectorGraphql(
  `mutation DeletePeering($contractID: ID!) { deletePeering(contractID: $contractID) { peeringID phase } }`,
);
export const CONTINUE_PEERING = connectorGraphql(
  `mutation ContinuePeering($contractID: ID!, $answers: [PeeringAnswer!]!) {
    continuePeering(contractID: $contractID, answers: $answers) { peeringID phase message }
  }`,
);

export type PeeringRow = ResultOf<typeof ROW>;
export type PeeringWhole = ResultOf<typeof WHOLE>;
/** A peering, and how Liqo is driven here. */
export type PeeringHere = PeeringWhole & { readonly ownMode: string };
