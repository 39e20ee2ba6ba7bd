import * as machine from "@catalog/schema/operations";
import { termsHashOf } from "../fuzz/stranger-purchase.js";
import { at, type Example, type World } from "./example.js";
import type { Negotiation } from "@catalog/schema/operations";

/** The peer API: a whole purchase by a cluster that has no Connector of ours. */
export const PEER_EXAMPLES: readonly Example[] = [
  {
    operation: "Query.descriptor",
    caller: "anybody",
    query: machine.DESCRIPTOR,
  },
  {
    operation: "Mutation.reserve",
    caller: "customer",
    query: machine.RESERVE,
    variables: async (world) => ({ input: world.buyer.reserveInput({ ...(await wanted(world)), units: 1 }) }),
    after: (world, data) => world.seen.set("negotiation", at(data, "reserve")),
  },
  {
    operation: "Mutation.confirm",
    caller: "customer",
    note: "The customer signs the very bytes of the terms: [WIRE.md, section 9](../schema/WIRE.md#9-negotiation).",
    query: machine.CONFIRM,
    variables: (world) => {
      const { contractID, terms } = negotiation(world);
      return { contractID, termsHash: termsHashOf(terms ?? ""), ...world.buyer.signature(terms ?? "") };
    },
    after: (world, data) => world.seen.set("negotiation", at(data, "confirm")),
  },
  {
    operation: "Mutation.activate",
    caller: "customer",
    query: machine.ACTIVATE,
    variables: (world) => {
      const confirmed = negotiation(world);
      const { contractID, terms } = confirmed;
      return { contractID, termsHash: termsHashOf(terms ?? ""), receipt: world.buyer.receipt(confirmed) };
    },
    after: (world, data) => world.seen.set("negotiation", at(data, "activate")),
  },
  {
    operation: "Query.negotiations",
    caller: "customer",
    query: machine.NEGOTIATIONS,
    variables: () => ({ since: null, first: 10 }),
  },
  {
    operation: "Mutation.exchangePeering",
    caller: "customer",
    note: "Which messages a provider answers depends on its Liqo; every one answers `status`.",
    query: machine.EXCHANGE_PEERING,
    variables: (world) => ({ contractID: negotiation(world).contractID, message: '{"type":"status"}' }),
    varies: true,
  },
  {
    operation: "Mutation.terminate",
    caller: "customer",
    query: machine.TERMINATE,
    variables: ({ buyer, ...world }) => {
      const { contractID } = negotiation({ buyer, ...world });
      return { contractID, notice: buyer.stranger.notice(contractID) };
    },
  },
];

function negotiation({ seen }: World): Negotiation {
  return seen.get("negotiation") as Negotiation;
}

/** Turin's offer as it is signed now. */
async function wanted({ turin }: World): Promise<{ offerID: string; planID: string; termsRev: number }> {
  const { myOffers } = await turin.api.request<{ myOffers: { offerID: string; termsRev: number }[] }>(
    "{ myOffers { offerID termsRev } }",
  );
  const termsRev = myOffers.find(({ offerID }) => offerID === "general")?.termsRev ?? 0;
  return { offerID: "general", planID: "small", termsRev };
}
