import { isGranted, type Permission, type Role } from "../../domain/access.js";

/** What each operation of the admin API needs. One that is missing here is for admins alone. */
export const OPERATION_PERMISSIONS: Readonly<Record<string, Permission>> = {
  "Query.activity": "VIEW",
  "Query.attention": "VIEW",
  "Query.allowedClusters": "VIEW",
  "Query.brokers": "VIEW",
  "Query.capacity": "VIEW",
  "Query.capacityPolicy": "VIEW",
  "Query.catalog": "VIEW",
  "Query.connector": "VIEW",
  "Query.contract": "VIEW",
  "Query.contracts": "VIEW",
  "Query.diagnostics": "VIEW",
  "Query.equivocations": "VIEW",
  "Query.federation": "VIEW",
  "Query.figures": "VIEW",
  "Query.knownClusters": "VIEW",
  "Query.myOffers": "VIEW",
  "Query.offer": "VIEW",
  "Query.offerFacets": "VIEW",
  "Query.offers": "VIEW",
  "Query.offloadings": "VIEW",
  "Query.peering": "VIEW",
  "Query.peerings": "VIEW",
  "Query.rehearseEnd": "VIEW",
  "Query.scriptTokens": "ADMINISTER",
  "Query.viewer": "VIEW",
  "Mutation.approveContract": "SELL",
  "Mutation.buy": "BUY",
  "Mutation.continuePeering": "TRADE",
  "Mutation.createPeering": "BUY",
  "Mutation.createScriptToken": "ADMINISTER",
  "Mutation.deletePeering": "BUY",
  "Mutation.initCatalog": "ADMINISTER",
  "Mutation.offloadNamespace": "BUY",
  "Mutation.registerBroker": "ADMINISTER",
  "Mutation.rejectContract": "SELL",
  "Mutation.releaseContract": "SELL",
  "Mutation.revokeScriptToken": "ADMINISTER",
  "Mutation.saveOffer": "SELL",
  "Mutation.setAllowance": "ADMINISTER",
  "Mutation.setBrokerSubscription": "ADMINISTER",
  "Mutation.setCapacityPolicy": "ADMINISTER",
  "Mutation.setClusterPrettyName": "ADMINISTER",
  "Mutation.setContractEndpoint": "ADMINISTER",
  "Mutation.setOfferStatus": "SELL",
  "Mutation.stopOffloading": "BUY",
  "Mutation.terminateContract": "TRADE",
  "Mutation.trustCluster": "ADMINISTER",
  "Mutation.unregisterBroker": "ADMINISTER",
  "Mutation.untrustCluster": "ADMINISTER",
  "Mutation.withdrawOffer": "SELL",
  "Subscription.activity": "VIEW",
  "Subscription.attention": "VIEW",
  "Subscription.brokers": "VIEW",
  "Subscription.catalog": "VIEW",
  "Subscription.connector": "VIEW",
  "Subscription.contracts": "VIEW",
  "Subscription.knownClusters": "VIEW",
  "Subscription.myOffers": "VIEW",
  "Subscription.offloadings": "VIEW",
  "Subscription.peerings": "VIEW",
  "Subscription.scriptTokens": "ADMINISTER",
};

/** Fields that hold secrets: null to whoever lacks the permission. */
export const SECRET_PERMISSIONS: Readonly<Record<string, Permission>> = {
  "ClusterParameters.token": "ADMINISTER",
  "Peering.manifests": "TRADE",
};

/** Names of the mutations that a role is let call, in the order of the table. */
export function mutationsOf(role: Role): readonly string[] {
  return Object.entries(OPERATION_PERMISSIONS)
    .filter(([place, permission]) => place.startsWith("Mutation.") && isGranted(role, permission))
    .map(([place]) => place.slice("Mutation.".length));
}
