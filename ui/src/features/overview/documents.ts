import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

export const FEDERATION = connectorGraphql(`
  query Federation {
    federation {
      nodes { id kind name clusterID health }
      edges { id kind from to contracts resources health peeringPhase }
    }
  }
`);

export const CAPACITY = connectorGraphql(`
  query Capacity {
    capacityPolicy { measuredAt unknownBecause }
    capacity {
      resource allocatable used declared sold left free overcommitted overdeclared
      pools { pool nodes allocatable used free labels }
    }
  }
`);

export const FIGURES = connectorGraphql(`
  query ThisMonth($from: Timestamp!, $to: Timestamp!) {
    figures(from: $from, to: $to, bucket: DAY) {
      from to
      totals { currency income spend }
      series { from currency income spend }
    }
  }
`);

/** Whatever moves the map, the bars or the money; nothing of it is shown, it only says that they are to be read anew. */
export const CONTRACTS_MOVED = connectorGraphql(`subscription ContractsMoved { contracts { contractID } }`);
export const PEERINGS_MOVED = connectorGraphql(`subscription PeeringsMoved { peerings { phase } }`);
export const BROKERS_MOVED = connectorGraphql(`subscription BrokersMoved { brokers { brokerID } }`);
export const OFFERS_MOVED = connectorGraphql(`subscription OffersMoved { myOffers { offerID } }`);
export const NAME_MOVED = connectorGraphql(`subscription NameMoved { connector { prettyName } }`);

export type FederationShown = ResultOf<typeof FEDERATION>["federation"];
export type FederationNode = FederationShown["nodes"][number];
export type FederationEdge = FederationShown["edges"][number];
export type CapacityShown = ResultOf<typeof CAPACITY>;
export type ResourceCapacity = CapacityShown["capacity"][number];
export type MonthFigures = ResultOf<typeof FIGURES>["figures"];
