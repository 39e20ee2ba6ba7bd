import { encryptJoinToken, verifyChallenge } from "@catalog/schema/documents/enrolment";
import { digest, TYP } from "@catalog/schema/documents/jws";
import { parseJoinString } from "@catalog/schema/documents/join-string";
import { verifyBrokerDescriptor } from "@catalog/schema/documents/descriptor";
import * as machine from "@catalog/schema/operations";
import { nowSeconds } from "../fuzz/forge.js";
import { ask } from "../fuzz/machine-line.js";
import { enrol, publish } from "../fuzz/stranger-membership.js";
import { anOffer, Stranger } from "../fuzz/stranger.js";
import { at, type Data, type Example, text, type World } from "./example.js";

const WARES = anOffer("wares", { created: 1_795_363_130 });

/** The Broker's operations, in an order in which each finds what it needs. */
export const BROKER_EXAMPLES: readonly Example[] = [
  {
    operation: "Query.broker",
    caller: "anybody",
    query: "{ broker { name fingerprint url enrolmentMode version } }",
    after: (world, data) => world.seen.set("broker", at(data, "broker", "fingerprint")),
  },
  {
    operation: "Query.viewer",
    caller: "operator",
    query: "{ viewer { kind name fingerprint status expiresAt } }",
  },
  {
    operation: "Mutation.createJoinString",
    caller: "operator",
    query: "mutation ($name: String) { createJoinString(name: $name) { tokenID join expiresAt } }",
    variables: () => ({ name: "for Lyon" }),
    after: (world, data) => world.seen.set("join", at(data, "createJoinString", "join")),
  },
  {
    operation: "Query.joinStrings",
    caller: "operator",
    query: "{ joinStrings(first: 1) { tokenID name created expiresAt usedAt usedBy revokedAt } }",
  },
  {
    operation: "Subscription.joinStrings",
    caller: "operator",
    query: "subscription { joinStrings { tokenID name usedAt revokedAt } }",
    trigger: ({ broker }) => broker.api.request('mutation { createJoinString(name: "for Nice") { tokenID } }'),
  },
  {
    operation: "Mutation.challenge",
    caller: "anybody",
    query: machine.CHALLENGE,
    variables: ({ stranger }) => ({ fingerprint: stranger.fingerprint }),
    after: (world, data) => world.seen.set("challenge", at(data, "challenge")),
  },
  {
    operation: "Mutation.enrol",
    caller: "member",
    note: "What the proof and the token hold: [WIRE.md, section 6](../schema/WIRE.md#6-joining-a-broker). The header `Catalog-Descriptor` carries the same descriptor.",
    query: machine.ENROL,
    variables: enrolment,
    headers: (world) => ({ "catalog-descriptor": text(world, "descriptor") }),
  },
  {
    operation: "Mutation.publishOffers",
    caller: "member",
    query: machine.PUBLISH_OFFERS,
    variables: (world) => {
      world.seen.set("offer", world.stranger.offer(WARES));
      return { documents: [text(world, "offer")] };
    },
    after: (world, data) => world.seen.set("rev", at((at(data, "publishOffers", "results") as Data[])[0] ?? {}, "rev")),
  },
  {
    operation: "Mutation.announce",
    caller: "member",
    note: "`need` is empty, because the Broker has this version already. What is not announced is dropped.",
    query: machine.ANNOUNCE,
    variables: async (world) => ({
      descriptor: world.stranger.descriptor(),
      asOf: world.stranger.nextNumber(),
      offers: [{ offerID: "wares", rev: world.seen.get("rev"), digest: await digest(text(world, "offer")) }],
    }),
  },
  {
    operation: "Mutation.probeContractEndpoint",
    caller: "member",
    note: "Here nothing listens at the endpoint that the cluster has announced.",
    query: machine.PROBE,
  },
  {
    operation: "Query.equivocations",
    caller: "operator",
    query: "{ equivocations(first: 1) { equivocationID fingerprint kind offerID number seenAt first second } }",
    before: async ({ line, stranger }) => {
      const rev = stranger.nextNumber();
      const twice = [anOffer("twice"), anOffer("twice", { description: "Something else." })];
      for (const offer of twice) await publish(line, [stranger.offer(offer, { rev, termsRev: rev })]);
    },
  },
  {
    operation: "Mutation.withdrawOffers",
    caller: "member",
    query: machine.WITHDRAW_OFFERS,
    variables: ({ stranger }) => ({ documents: [stranger.withdrawal("twice")] }),
  },
  {
    operation: "Query.catalog",
    caller: "anybody",
    note: "Anybody may read where the Broker runs with `CATALOG_READ=public`; otherwise it takes a member's proof, a read token or the operator.",
    query: `query ($first: Int!) {
  catalog(first: $first) {
    clusterName clusterID endpoint token clusterContractEndpoint created
    offers { offerID offerName offerType status plans { planID planCost planCostCurrency planCostPeriod planQuantity available resources } }
  }
}`,
    variables: () => ({ first: 1 }),
  },
  {
    operation: "Query.offers",
    caller: "anybody",
    query: `query ($filter: OfferFilter) {
  offers(filter: $filter, orderBy: COST_ASC, first: 2) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { clusterName offerID offerName plans { planID planCost planCostCurrency planCostPeriod available } }
  }
}`,
    variables: () => ({
      filter: {
        text: "general",
        maxCost: { amount: 80, currency: "EUR", period: "month" },
        minResources: { cpu: "1" },
        onlyAvailable: true,
      },
    }),
  },
  {
    operation: "Query.offer",
    caller: "anybody",
    query: `query ($clusterID: ID!) {
  offer(clusterID: $clusterID, offerID: "general") {
    offerName description approval capacity labels rev termsRev staleSince
    plans { planID planName available resources }
  }
}`,
    variables: ({ turin }) => ({ clusterID: turin.spec.clusterID }),
  },
  {
    operation: "Query.clusters",
    caller: "anybody",
    query:
      "{ clusters(status: ADMITTED, first: 1) { fingerprint clusterID clusterName clusterPrettyName status staleSince liqo { mode version } } }",
    varies: true,
  },
  {
    operation: "Query.members",
    caller: "operator",
    query: `query ($text: String) {
  members(text: $text, first: 1) { fingerprint connected sockets lag offers lastSeen cluster { clusterName status admittedAt } }
}`,
    variables: () => ({ text: "turin" }),
    varies: true,
  },
  {
    operation: "Subscription.members",
    caller: "operator",
    query: "subscription { members { fingerprint connected offers cluster { clusterName status } } }",
    trigger: async ({ line, stranger }) => publish(line, [stranger.offer(anOffer("another"))]),
    varies: true,
  },
  {
    operation: "Query.feedFigures",
    caller: "operator",
    query:
      "{ feedFigures { epoch head horizon clusters offers changesLastMinute subscribers groups memberSockets waitingDocuments } }",
    varies: true,
  },
  {
    operation: "Subscription.feedFigures",
    caller: "operator",
    query: "subscription { feedFigures { head subscribers groups waitingDocuments } }",
    varies: true,
  },
  {
    operation: "Subscription.catalog",
    caller: "anybody",
    note: "The first message of a subscription without `since` is a RESET, then come all items, then SYNCED. Shown is the first message with items.",
    query: `subscription ($since: String, $filter: OfferFilter) {
  catalog(since: $since, filter: $filter) {
    type cursor
    changes { revision op kind clusterID offerID offer { offerName plans { planID available } } }
  }
}`,
    variables: () => ({ since: null, filter: { offerType: "compute" } }),
    until: (data) => at(data, "catalog", "type") === "ITEMS",
    varies: true,
  },
  {
    operation: "Mutation.createReadToken",
    caller: "operator",
    query: "mutation ($name: String) { createReadToken(name: $name) { tokenID token name expiresAt } }",
    variables: () => ({ name: "dashboard" }),
    after: (world, data) => world.seen.set("tokenID", at(data, "createReadToken", "tokenID")),
  },
  {
    operation: "Query.readTokens",
    caller: "operator",
    query: "{ readTokens(first: 1) { tokenID name created expiresAt revokedAt token } }",
  },
  {
    operation: "Subscription.readTokens",
    caller: "operator",
    query: "subscription { readTokens { tokenID name expiresAt revokedAt } }",
    trigger: ({ broker }) => broker.api.request('mutation { createReadToken(name: "map") { tokenID } }'),
  },
  {
    operation: "Mutation.revokeToken",
    caller: "operator",
    query: "mutation ($tokenID: ID!) { revokeToken(tokenID: $tokenID) }",
    variables: (world) => ({ tokenID: text(world, "tokenID") }),
  },
  {
    operation: "Mutation.setEnrolmentMode",
    caller: "operator",
    query: "mutation ($mode: EnrolmentMode!) { setEnrolmentMode(mode: $mode) }",
    variables: () => ({ mode: "APPROVAL" }),
  },
  {
    operation: "Mutation.approveCluster",
    caller: "operator",
    query:
      "mutation ($fingerprint: ID!) { approveCluster(fingerprint: $fingerprint) { clusterName status requestedAt admittedAt } }",
    before: applicant,
    variables: (world) => ({ fingerprint: text(world, "applicant") }),
  },
  {
    operation: "Mutation.revokeCluster",
    caller: "operator",
    query: "mutation ($fingerprint: ID!) { revokeCluster(fingerprint: $fingerprint) { clusterName status } }",
    variables: (world) => ({ fingerprint: text(world, "applicant") }),
  },
  {
    operation: "Mutation.resynchroniseMembers",
    caller: "operator",
    query: "mutation { resynchroniseMembers }",
  },
];

/** What ends the membership that the examples of the contract endpoint need. */
export const LAST_BROKER_EXAMPLES: readonly Example[] = [
  { operation: "Mutation.leave", caller: "member", query: machine.LEAVE },
];

async function enrolment(world: World): Promise<Data> {
  const { stranger, seen } = world;
  const { fingerprint, tokenId, secret } = parseJoinString(text(world, "join"));
  const { broker } = await ask<machine.BrokerDescriptorResult>(world.broker.url, machine.BROKER_DESCRIPTOR);
  const issuer = await verifyBrokerDescriptor(broker.descriptor);
  const expected = { broker: issuer, aud: stranger.fingerprint, now: nowSeconds() };
  const { nonce } = await verifyChallenge(text(world, "challenge"), expected);
  const iss = stranger.fingerprint;
  const claims = { tokenId: tokenId ?? "", secret: secret ?? "", iss, nonce };
  seen.set("descriptor", stranger.descriptor());
  return {
    descriptor: text(world, "descriptor"),
    proof: stranger.sign(TYP.enrol, { iss, aud: fingerprint, nonce }),
    token: await encryptJoinToken(issuer.keys.enc, claims),
  };
}

/** A cluster that asks to join without a token. */
async function applicant({ broker, seen }: World): Promise<void> {
  const stranger = await Stranger.named("nice");
  await enrol(stranger, `catalog-join:${broker.url}#${String(seen.get("broker"))}`);
  seen.set("applicant", stranger.fingerprint);
}
