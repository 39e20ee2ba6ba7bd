import { saveOffer } from "../federation/operations.js";
import { at, type Example, text, type World } from "./example.js";
import { GENERAL, offerSeen } from "./sample-offer.js";

/** The part of a Connector's admin API that deals with itself, its offers, its Brokers and the Catalog. */
export const CATALOG_EXAMPLES: readonly Example[] = [
  {
    operation: "Mutation.initCatalog",
    caller: "turin",
    query: `mutation ($prettyName: String!, $contractEndpoint: String!) {
  initCatalog(prettyName: $prettyName, contractEndpoint: $contractEndpoint) { ready prettyName contractEndpoint }
}`,
    variables: ({ turin }) => ({ prettyName: "Turin", contractEndpoint: turin.contractEndpoint }),
  },
  {
    operation: "Query.connector",
    caller: "turin",
    query: `{
  connector {
    ready prettyName contractEndpoint fingerprint kubernetesVersion
    liqo { mode version }
    clusterParameters { clusterName clusterID endpoint token }
    suggestOffers { reason offers { offerID } }
  }
}`,
  },
  {
    operation: "Mutation.setClusterPrettyName",
    caller: "turin",
    query: "mutation ($prettyName: String!) { setClusterPrettyName(prettyName: $prettyName) { prettyName } }",
    variables: () => ({ prettyName: "Turin, Corso Duca" }),
  },
  {
    operation: "Subscription.connector",
    caller: "turin",
    query: "subscription { connector { ready prettyName contractEndpoint } }",
    trigger: rename,
    until: (data) => at(data, "connector", "prettyName") === "Turin",
  },
  {
    operation: "Mutation.setContractEndpoint",
    caller: "turin",
    query:
      "mutation ($contractEndpoint: String!) { setContractEndpoint(contractEndpoint: $contractEndpoint) { contractEndpoint } }",
    variables: ({ turin }) => ({ contractEndpoint: turin.contractEndpoint }),
  },
  {
    operation: "Query.viewer",
    caller: "turin",
    query: "{ viewer { role actor isSession permissions expiresAt } }",
  },
  {
    operation: "Mutation.saveOffer",
    caller: "turin",
    query: `mutation ($offer: OfferInput!) {
  saveOffer(offer: $offer) { offerID created rev termsRev status plans { planID planQuantity available held } }
}`,
    variables: () => ({ offer: GENERAL }),
  },
  {
    operation: "Query.myOffers",
    caller: "turin",
    query: "{ myOffers { offerID offerName status declared plans { planID available held overcommitted } } }",
  },
  {
    operation: "Mutation.setOfferStatus",
    caller: "turin",
    query:
      "mutation ($offerID: ID!, $status: Boolean!) { setOfferStatus(offerID: $offerID, status: $status) { offerID status } }",
    variables: () => ({ offerID: "general", status: false }),
  },
  {
    operation: "Subscription.myOffers",
    caller: "turin",
    query: "subscription { myOffers { offerID status withdrawn plans { planID available } } }",
    trigger: putOnSale,
  },
  {
    operation: "Mutation.withdrawOffer",
    caller: "turin",
    query: "mutation ($offerID: ID!) { withdrawOffer(offerID: $offerID) { offerID withdrawn } }",
    before: ({ turin }) => saveOffer(turin.api, { ...GENERAL, offerID: "old", offerName: "Old machines" }),
    variables: () => ({ offerID: "old" }),
  },
  {
    operation: "Mutation.unregisterBroker",
    caller: "paris",
    query: "mutation ($brokerID: ID!) { unregisterBroker(brokerID: $brokerID) { brokerName registered } }",
    variables: (world) => ({ brokerID: text(world, "broker") }),
  },
  {
    operation: "Mutation.registerBroker",
    caller: "paris",
    query: `mutation ($join: String!, $name: String) {
  registerBroker(join: $join, name: $name) { brokerID brokerName brokerEndpoint membership subscribed }
}`,
    before: joinString,
    variables: (world) => ({ join: text(world, "parisJoin"), name: "Demo Broker" }),
    after: offerSeen,
  },
  {
    operation: "Query.brokers",
    caller: "paris",
    query: `{
  brokers { brokerID brokerName brokerEndpoint subscribed connected membership pending declared lastError refusedDocuments }
}`,
  },
  {
    operation: "Mutation.setBrokerSubscription",
    caller: "paris",
    query: `mutation ($brokerID: ID!, $subscribed: Boolean!) {
  setBrokerSubscription(brokerID: $brokerID, subscribed: $subscribed) { brokerName subscribed }
}`,
    variables: (world) => ({ brokerID: text(world, "broker"), subscribed: false }),
  },
  {
    operation: "Subscription.brokers",
    caller: "paris",
    query: "subscription { brokers { brokerName subscribed connected registered } }",
    trigger: subscribe,
    until: (data) => at(data, "brokers", "connected") === true,
    after: offerSeen,
  },
  {
    operation: "Query.catalog",
    caller: "paris",
    query: `{
  catalog(first: 1) {
    clusterName clusterID clusterPrettyName endpoint token clusterContractEndpoint created staleSince
    offers { offerID offerName offerType status plans { planID planCost planCostCurrency planCostPeriod planQuantity available resources } }
  }
}`,
  },
  {
    operation: "Query.offers",
    caller: "paris",
    query: `query ($filter: OfferFilter, $first: Int!) {
  offers(filter: $filter, orderBy: COST_ASC, first: $first) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { clusterID clusterName offerID offerName termsRev plans { planID planCost planCostCurrency planCostPeriod available resources } }
  }
}`,
    variables: () => ({
      filter: { labels: { region: "eu-south" }, minResources: { cpu: "1" }, onlyAvailable: true },
      first: 10,
    }),
  },
  {
    operation: "Query.offer",
    caller: "paris",
    query: `query ($clusterID: ID!, $offerID: ID!) {
  offer(clusterID: $clusterID, offerID: $offerID) {
    offerName description approval capacity labels noticePeriod minDuration peerable { ok reason }
    plans { planID planName available resources }
  }
}`,
    variables: ({ turin }) => ({ clusterID: turin.spec.clusterID, offerID: "general" }),
  },
  {
    operation: "Query.offerFacets",
    caller: "paris",
    query: `{
  offerFacets { total types { value count } currencies { value count } resources { value count } labels { label values { value count } } }
}`,
  },
  {
    operation: "Subscription.catalog",
    caller: "paris",
    note: "Give the last `cursor` as `since` to go on where you were. Shown is the first message with items.",
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
    operation: "Query.knownClusters",
    caller: "paris",
    query: `{
  knownClusters(first: 1) { fingerprint clusterID clusterName source listed trusted holdsClusterID brokerIDs pinnedAt }
}`,
  },
  {
    operation: "Query.equivocations",
    caller: "paris",
    note: "Nobody has been caught here.",
    query: "{ equivocations { fingerprint kind offerID number seenAt brokerID } }",
  },
  {
    operation: "Subscription.knownClusters",
    caller: "paris",
    query: "subscription { knownClusters { clusterName listed trusted note } }",
    trigger: (world) =>
      world.paris.api.request(
        'mutation ($fingerprint: ID!) { trustCluster(fingerprint: $fingerprint, note: "met in Turin") { note } }',
        { fingerprint: text(world, "turin") },
      ),
    until: (data) => at(data, "knownClusters", "trusted") === true,
  },
  {
    operation: "Mutation.trustCluster",
    caller: "paris",
    query: `mutation ($fingerprint: ID!, $note: String) {
  trustCluster(fingerprint: $fingerprint, note: $note) { clusterName trusted note }
}`,
    variables: (world) => ({ fingerprint: text(world, "turin"), note: "compared by telephone" }),
  },
  {
    operation: "Mutation.untrustCluster",
    caller: "paris",
    query: "mutation ($fingerprint: ID!) { untrustCluster(fingerprint: $fingerprint) { clusterName trusted } }",
    variables: (world) => ({ fingerprint: text(world, "turin") }),
  },
];

function rename({ turin }: World): Promise<unknown> {
  return turin.api.request('mutation { setClusterPrettyName(prettyName: "Turin") { prettyName } }');
}

function putOnSale({ turin }: World): Promise<unknown> {
  return turin.api.request('mutation { setOfferStatus(offerID: "general", status: true) { status } }');
}

async function joinString({ broker, seen }: World): Promise<void> {
  const made = await broker.api.request<{ createJoinString: { join: string } }>(
    "mutation { createJoinString { join } }",
  );
  seen.set("parisJoin", made.createJoinString.join);
}

function subscribe(world: World): Promise<unknown> {
  return world.paris.api.request(
    "mutation ($brokerID: ID!) { setBrokerSubscription(brokerID: $brokerID, subscribed: true) { subscribed } }",
    { brokerID: text(world, "broker") },
  );
}
