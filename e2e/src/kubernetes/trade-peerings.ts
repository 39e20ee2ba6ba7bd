import type { GraphqlClient } from "../harness/graphql-client.js";

/** A peering as its Connector tells it. */
export interface PeeringView {
  readonly peeringID: string;
  readonly side: "CUSTOMER" | "PROVIDER";
  readonly phase: string;
  readonly message: string;
  readonly whatToDo: string | null;
  readonly lastError: string | null;
  readonly wanted: boolean;
  readonly peer: { readonly clusterID: string };
  readonly steps: readonly { readonly name: string; readonly status: string; readonly object: string | null }[];
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  readonly contracts: readonly { readonly contractID: string }[];
  readonly timeline: readonly { readonly phase: string; readonly message: string }[];
}

const PEERING = `{ peeringID side phase message whatToDo lastError wanted peer { clusterID } steps { name status object }
  conditions { type status message } contracts { contractID } timeline { phase message } }`;

export async function peeringsOf(api: GraphqlClient): Promise<readonly PeeringView[]> {
  return (await api.request<{ peerings: readonly PeeringView[] }>(`{ peerings ${PEERING} }`)).peerings;
}

/** The half of one side; undefined before there was a contract. */
export async function peeringOn(api: GraphqlClient, side: PeeringView["side"]): Promise<PeeringView | undefined> {
  return (await peeringsOf(api)).find((peering) => peering.side === side);
}

/** Where a half stands, in words; it is asked again and again. */
export type HalfView = Pick<PeeringView, "side" | "phase" | "message" | "whatToDo" | "lastError">;

/** Where the half of one side stands; undefined before there was a contract. */
export async function halfOn(api: GraphqlClient, side: PeeringView["side"]): Promise<HalfView | undefined> {
  const { peerings } = await api.request<{ peerings: readonly HalfView[] }>(
    "{ peerings { side phase message whatToDo lastError } }",
  );
  return peerings.find((half) => half.side === side);
}

/** Takes a peering up, with or without the network, or down while its contract goes on. */
export async function setPeering(
  api: GraphqlClient,
  wish: "createPeering" | "deletePeering",
  contractID: string,
  hasNetwork?: boolean,
): Promise<PeeringView> {
  const network = hasNetwork === undefined ? "" : `, network: ${hasNetwork}`;
  const answer = await api.request<Record<string, PeeringView>>(
    `mutation ($id: ID!) { ${wish}(contractID: $id${network}) ${PEERING} }`,
    { id: contractID },
  );
  const peering = answer[wish];
  if (!peering) throw new Error(`${wish} answered nothing`);
  return peering;
}
