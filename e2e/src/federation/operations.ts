import { GraphqlAnswerError, type GraphqlClient } from "../harness/graphql-client.js";

/** A contract as these tests read it. */
export interface ContractView {
  readonly contractID: string;
  readonly role: "BUYER" | "SELLER";
  readonly state: string;
  readonly enabled: boolean;
  readonly units: number;
  readonly code: string | null;
  readonly contract: string | null;
  readonly activation: string | null;
  readonly allowedActions: readonly string[];
}

const CONTRACT = "{ contractID role state enabled units code contract activation allowedActions }";

/** What is asked for in `buy`. */
export interface Purchase {
  readonly clusterID: string;
  readonly offerID: string;
  readonly planID: string;
  readonly units?: number;
  readonly requestID?: string;
  readonly validUntil?: number;
}

export async function buy(api: GraphqlClient, input: Purchase): Promise<ContractView> {
  const answer = await api.request<{ buy: ContractView }>(
    `mutation ($input: BuyInput!) { buy(input: $input) ${CONTRACT} }`,
    { input },
  );
  return answer.buy;
}

/** The contract with this id on one side; undefined where that side does not know it. */
export async function contractOf(api: GraphqlClient, contractID: string): Promise<ContractView | undefined> {
  return (await contractsOf(api)).find((contract) => contract.contractID === contractID);
}

export async function contractsOf(api: GraphqlClient): Promise<readonly ContractView[]> {
  const answer = await api.request<{ contracts: readonly ContractView[] }>(`{ contracts(first: 200) ${CONTRACT} }`);
  return answer.contracts;
}

export async function terminate(api: GraphqlClient, id: string, reason: string): Promise<ContractView> {
  const answer = await api.request<{ terminateContract: ContractView }>(
    `mutation ($id: ID!, $reason: String) { terminateContract(id: $id, reason: $reason) ${CONTRACT} }`,
    { id, reason },
  );
  return answer.terminateContract;
}

export async function decide(
  api: GraphqlClient,
  decision: "approveContract" | "rejectContract",
  id: string,
): Promise<ContractView> {
  const answer = await api.request<Record<string, ContractView>>(
    `mutation ($id: ID!) { ${decision}(id: $id) ${CONTRACT} }`,
    { id },
  );
  const contract = answer[decision];
  if (!contract) throw new Error(`${decision} answered nothing`);
  return contract;
}

export async function saveOffer(api: GraphqlClient, offer: Record<string, unknown>): Promise<void> {
  await api.request("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", { offer });
}

/** How many units of a plan a server shows as left; undefined where it does not show the plan. */
export async function availableOf(
  api: GraphqlClient,
  clusterID: string,
  offerID: string,
  planID: string,
): Promise<number | undefined> {
  const { offer } = await api
    .request<{
      offer: { plans: { planID: string; available: number }[] } | null;
    }>(
      "query ($clusterID: ID!, $offerID: ID!) { offer(clusterID: $clusterID, offerID: $offerID) { plans { planID available } } }",
      { clusterID, offerID },
    )
    .catch((error: unknown) => {
      if (error instanceof GraphqlAnswerError && error.code === "OFFER_NOT_FOUND") return { offer: null };
      throw error;
    });
  return offer?.plans.find((plan) => plan.planID === planID)?.available;
}

/** Units of a plan left in the seller's own ledger. */
export async function ownStockOf(api: GraphqlClient, offerID: string, planID: string): Promise<number | undefined> {
  const { myOffers } = await api.request<{
    myOffers: { offerID: string; plans: { planID: string; available: number }[] }[];
  }>("{ myOffers(first: 200) { offerID plans { planID available } } }");
  const offer = myOffers.find((candidate) => candidate.offerID === offerID);
  return offer?.plans.find((plan) => plan.planID === planID)?.available;
}
