import { buildSchema, type PubSub } from "type-graphql";
import type { GraphQLSchema } from "graphql";
import { AccessResolver } from "./resolvers/access.resolver.js";
import { BrokerResolver } from "./resolvers/broker.resolver.js";
import { CapacityResolver } from "./resolvers/capacity.resolver.js";
import { CatalogResolver } from "./resolvers/catalog.resolver.js";
import { ConnectorResolver, OperationsResolver } from "./resolvers/connector.resolver.js";
import { ContractResolver } from "./resolvers/contract.resolver.js";
import { OfferResolver } from "./resolvers/offer.resolver.js";
import { OffloadedContractResolver, OffloadingResolver } from "./resolvers/offloading.resolver.js";
import { OverviewResolver } from "./resolvers/overview.resolver.js";
import {
  PeerableClusterResolver,
  PeerableContractResolver,
  PeerableOfferResolver,
} from "./resolvers/peerable.resolver.js";
import { PeeringResolver } from "./resolvers/peering.resolver.js";
import { TrustResolver } from "./resolvers/trust.resolver.js";

/** The admin API's resolvers, ready to serve. */
export interface AdminResolvers {
  readonly access: AccessResolver;
  readonly brokers: BrokerResolver;
  readonly capacity: CapacityResolver;
  readonly catalog: CatalogResolver;
  readonly connector: ConnectorResolver;
  readonly contracts: ContractResolver;
  readonly offers: OfferResolver;
  readonly offloadedContracts: OffloadedContractResolver;
  readonly offloadings: OffloadingResolver;
  readonly operations: OperationsResolver;
  readonly overview: OverviewResolver;
  readonly peerableClusters: PeerableClusterResolver;
  readonly peerableContracts: PeerableContractResolver;
  readonly peerableOffers: PeerableOfferResolver;
  readonly peerings: PeeringResolver;
  readonly trust: TrustResolver;
}

/** Every subscription brings its own stream; the library asks for a bus all the same. */
const NO_PUB_SUB: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new TypeError("there is no bus: a subscription has to bring its own stream");
  },
};

/** The schema of the admin API. Without resolvers it can be printed, not served. */
export function buildAdminSchema(resolvers?: AdminResolvers): Promise<GraphQLSchema> {
  const made = new Map<unknown, object>(Object.values(resolvers ?? {}).map((one: object) => [one.constructor, one]));
  return buildSchema({
    resolvers: [
      AccessResolver,
      BrokerResolver,
      CapacityResolver,
      CatalogResolver,
      ConnectorResolver,
      ContractResolver,
      OfferResolver,
      OffloadedContractResolver,
      OffloadingResolver,
      OperationsResolver,
      OverviewResolver,
      PeerableClusterResolver,
      PeerableContractResolver,
      PeerableOfferResolver,
      PeeringResolver,
      TrustResolver,
    ],
    container: { get: (resolver) => made.get(resolver) },
    validate: false,
    pubSub: NO_PUB_SUB,
  });
}
