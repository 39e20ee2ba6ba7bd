import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, contractOf, saveOffer } from "../federation/operations.js";
import { at, type Data, type Example, text, type World } from "./example.js";
import { ASKED } from "./sample-offer.js";

const SOON = { timeoutMs: 60_000 };

/** The part of a Connector's admin API that deals with contracts, peerings, money and people. */
export const CONTRACT_EXAMPLES: readonly Example[] = [
  {
    operation: "Mutation.buy",
    caller: "paris",
    note: "Send a `requestID` of your own: the same request, repeated, gives the same contract.",
    query: `mutation ($input: BuyInput!) {
  buy(input: $input) { contractID state code message units resources money { cost currency period total } validUntil }
}`,
    variables: ({ turin }) => ({
      input: { clusterID: turin.spec.clusterID, offerID: "general", planID: "small", units: 2, requestID: "order-17" },
    }),
    after: (world, data) => world.seen.set("contract", at(data, "buy", "contractID")),
  },
  {
    operation: "Query.contract",
    caller: "paris",
    query: `query ($id: ID!) {
  contract(id: $id) {
    contractID role state enabled allowedActions buyerID buyerFingerprint
    seller { clusterID clusterName fingerprint } offer { offerName } planID units resources
    created validFrom validUntil timeline { state actor at }
  }
}`,
    variables: contract,
  },
  {
    operation: "Query.contracts",
    caller: "turin",
    query: "{ contracts(role: SELLER, state: ACTIVE, first: 10) { contractID buyerID state units planID } }",
  },
  {
    operation: "Query.federation",
    caller: "paris",
    query: "{ federation { nodes { id kind name health } edges { from to kind health contracts } } }",
    varies: true,
  },
  {
    operation: "Query.peerings",
    caller: "paris",
    query: "{ peerings { peeringID side phase wanted message peer { clusterName } contracts { contractID } } }",
    varies: true,
  },
  {
    operation: "Query.peering",
    caller: "turin",
    note: "Here with Liqo 1.x by hand (`LIQO_MODE=manual`): the admin applies `manifests` and answers the questions.",
    query: `query ($contractID: ID!) {
  peering(contractID: $contractID) {
    phase message whatToDo
    steps { name status }
    questions { name description command }
    manifests
  }
}`,
    variables: ofContract,
    before: (world) => waitFor(() => asksForNonce(world), SOON),
  },
  {
    operation: "Mutation.continuePeering",
    caller: "turin",
    query: `mutation ($contractID: ID!, $answers: [PeeringAnswer!]!) {
  continuePeering(contractID: $contractID, answers: $answers) { phase message steps { name status } }
}`,
    variables: (world) => ({
      ...ofContract(world),
      answers: [{ name: "nonce", value: Buffer.alloc(64, 7).toString("base64") }],
    }),
    varies: true,
  },
  {
    operation: "Mutation.deletePeering",
    caller: "paris",
    query: "mutation ($contractID: ID!) { deletePeering(contractID: $contractID) { wanted phase } }",
    variables: ofContract,
    varies: true,
  },
  {
    operation: "Subscription.peerings",
    caller: "paris",
    query: "subscription { peerings { peeringID side phase wanted message } }",
    trigger: peer,
    varies: true,
  },
  {
    operation: "Mutation.createPeering",
    caller: "paris",
    query: "mutation ($contractID: ID!) { createPeering(contractID: $contractID) { wanted phase network } }",
    variables: ofContract,
    varies: true,
  },
  {
    operation: "Mutation.offloadNamespace",
    caller: "paris",
    note: "With a driver the Connector applies it itself, and `phase` becomes APPLIED; by hand, as here, apply `manifests` or run `command`.",
    query: `mutation ($contractID: ID!, $namespace: String!) {
  offloadNamespace(contractID: $contractID, namespace: $namespace, strategy: LOCAL_AND_REMOTE) {
    namespace strategy mapping message command manifests
  }
}`,
    variables: (world) => ({ ...ofContract(world), namespace: "shop" }),
  },
  {
    operation: "Query.offloadings",
    caller: "paris",
    query: "{ offloadings { contractID namespace strategy mapping } }",
  },
  {
    operation: "Query.rehearseEnd",
    caller: "paris",
    query: `query ($contractID: ID!) {
  rehearseEnd(contractID: $contractID) { role looked message whatToDo otherContractIDs remaining }
}`,
    variables: ofContract,
  },
  {
    operation: "Subscription.offloadings",
    caller: "paris",
    query: "subscription { offloadings { contractID namespace offloading { strategy } } }",
    trigger: (world) =>
      world.paris.api.request(
        'mutation ($contractID: ID!) { offloadNamespace(contractID: $contractID, namespace: "shop", strategy: REMOTE) { strategy } }',
        { contractID: text(world, "contract") },
      ),
  },
  {
    operation: "Mutation.stopOffloading",
    caller: "paris",
    query: `mutation ($contractID: ID!, $namespace: String!) {
  stopOffloading(contractID: $contractID, namespace: $namespace) { namespace }
}`,
    variables: (world) => ({ ...ofContract(world), namespace: "shop" }),
  },
  {
    operation: "Query.attention",
    caller: "turin",
    query: "{ attention { kind severity title message subject action link } }",
    before: async (world) => world.seen.set("asked", await ask(world)),
    varies: true,
  },
  {
    operation: "Mutation.approveContract",
    caller: "turin",
    query: "mutation ($id: ID!) { approveContract(id: $id) { state allowedActions } }",
    variables: (world) => ({ id: text(world, "asked") }),
  },
  {
    operation: "Mutation.rejectContract",
    caller: "turin",
    query: "mutation ($id: ID!, $reason: String) { rejectContract(id: $id, reason: $reason) { state code message } }",
    before: async (world) => {
      await waitFor(async () => (await contractOf(world.paris.api, text(world, "asked")))?.state === "ACTIVE", SOON);
      world.seen.set("refused", await ask(world));
    },
    variables: (world) => ({ id: text(world, "refused"), reason: "The machine is on loan this week." }),
  },
  {
    operation: "Subscription.contracts",
    caller: "turin",
    query: "subscription { contracts { contractID role state units code message } }",
    trigger: async (world) => {
      const { turin } = world;
      return buy(world.paris.api, { clusterID: turin.spec.clusterID, offerID: "general", planID: "small" });
    },
    until: (data) => at(data, "contracts", "state") === "ACTIVE",
  },
  {
    operation: "Mutation.terminateContract",
    caller: "paris",
    query: `mutation ($id: ID!, $reason: String) {
  terminateContract(id: $id, reason: $reason) { state enabled message allowedActions }
}`,
    variables: (world) => ({ ...contract(world), reason: "no longer needed" }),
    after: (world) =>
      waitFor(async () => (await contractOf(world.turin.api, text(world, "contract")))?.state === "TERMINATED", SOON),
  },
  {
    operation: "Mutation.releaseContract",
    caller: "turin",
    refused: true,
    note: "For a contract whose resources do not come back. Here they are back already, which is refused.",
    query:
      "mutation ($id: ID!, $reason: String!) { releaseContract(id: $id, reason: $reason) { releasedAt releasedByForce } }",
    before: (world) =>
      waitFor(async () => {
        const query = "query ($id: ID!) { contract(id: $id) { releasedAt } }";
        const answer = await world.turin.api.request<{ contract: { releasedAt: number | null } }>(
          query,
          contract(world),
        );
        return answer.contract.releasedAt !== null;
      }, SOON),
    variables: (world) => ({ ...contract(world), reason: "the customer is gone" }),
  },
  {
    operation: "Query.capacity",
    caller: "turin",
    note: "Without a driver (`LIQO_MODE=manual`) nobody has counted the nodes.",
    query: "{ capacity { resource allocatable used declared sold free left } }",
    varies: true,
  },
  {
    operation: "Query.capacityPolicy",
    caller: "turin",
    query: "{ capacityPolicy { refuseBeyondCapacity unknownBecause } }",
  },
  {
    operation: "Mutation.setCapacityPolicy",
    caller: "turin",
    query: "mutation ($refuse: Boolean!) { setCapacityPolicy(refuseBeyondCapacity: $refuse) { refuseBeyondCapacity } }",
    variables: () => ({ refuse: false }),
  },
  {
    operation: "Query.figures",
    caller: "turin",
    query: `query ($from: Timestamp!, $to: Timestamp!) {
  figures(from: $from, to: $to, bucket: MONTH) { totals { currency income spend } byPeer { prettyName currency income spend } }
}`,
    variables: () => ({ from: 1_764_547_200, to: 1_796_083_200 }),
    varies: true,
  },
  {
    operation: "Query.activity",
    caller: "turin",
    query: `{ activity(first: 1, filter: { action: "contract." }) { id at actor action subject message } }`,
    varies: true,
  },
  {
    operation: "Subscription.activity",
    caller: "turin",
    query: "subscription { activity { actor action subject message } }",
    trigger: ({ turin }) => saveOffer(turin.api, { ...ASKED, description: "Tell us what for." }),
  },
  {
    operation: "Subscription.attention",
    caller: "turin",
    query: "subscription { attention { kind severity title subject } }",
    varies: true,
  },
  {
    operation: "Query.diagnostics",
    caller: "turin",
    query: "{ diagnostics { check ok severity message whatToDo } }",
    varies: true,
  },
  {
    operation: "Mutation.setAllowance",
    caller: "turin",
    query: `mutation ($clusterID: ID!, $resources: ResourceList) {
  setAllowance(clusterID: $clusterID, resources: $resources) { clusterID decided unlimited resources }
}`,
    variables: ({ paris }) => ({ clusterID: paris.spec.clusterID, resources: { cpu: "2", memory: "4Gi" } }),
  },
  {
    operation: "Query.allowedClusters",
    caller: "turin",
    query: "{ allowedClusters { clusterID decided unlimited resources } }",
  },
  {
    operation: "Mutation.createScriptToken",
    caller: "turin",
    query:
      "mutation ($name: String!, $role: Role!) { createScriptToken(name: $name, role: $role) { tokenID token role expiresAt } }",
    variables: () => ({ name: "billing", role: "VIEWER" }),
    after: (world, data) => world.seen.set("script", at(data, "createScriptToken", "tokenID")),
  },
  {
    operation: "Query.scriptTokens",
    caller: "turin",
    query: "{ scriptTokens { tokenID name role created createdBy lastUsedAt revokedAt token } }",
  },
  {
    operation: "Subscription.scriptTokens",
    caller: "turin",
    query: "subscription { scriptTokens { name role revokedAt } }",
    trigger: ({ turin }) =>
      turin.api.request('mutation { createScriptToken(name: "shop", role: CUSTOMER) { tokenID } }'),
  },
  {
    operation: "Mutation.revokeScriptToken",
    caller: "turin",
    query: "mutation ($tokenID: ID!) { revokeScriptToken(tokenID: $tokenID) { name revokedAt } }",
    variables: (world) => ({ tokenID: text(world, "script") }),
  },
];

function contract(world: World): Data {
  return { id: text(world, "contract") };
}

function ofContract(world: World): Data {
  return { contractID: text(world, "contract") };
}

async function asksForNonce(world: World): Promise<boolean> {
  const query = "query ($contractID: ID!) { peering(contractID: $contractID) { questions { name } } }";
  const { peering } = await world.turin.api.request<{ peering: { questions: { name: string }[] } | null }>(
    query,
    ofContract(world),
  );
  return peering?.questions.some(({ name }) => name === "nonce") ?? false;
}

function peer(world: World): Promise<unknown> {
  return world.paris.api.request(
    "mutation ($contractID: ID!) { createPeering(contractID: $contractID) { wanted } }",
    ofContract(world),
  );
}

/** A request of Paris that waits for Turin's admin: the id of its contract. */
async function ask({ turin, paris }: World): Promise<string> {
  await saveOffer(turin.api, ASKED);
  const { clusterID } = turin.spec;
  await waitFor(async () => (await availableOf(paris.api, clusterID, "asked", "small")) !== undefined, SOON);
  const { contractID } = await buy(paris.api, { clusterID, offerID: "asked", planID: "small" });
  await waitFor(async () => (await contractOf(turin.api, contractID))?.state === "PENDING_APPROVAL", SOON);
  return contractID;
}
