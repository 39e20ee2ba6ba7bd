import { FIGURE_BUCKETS } from "../../domain/figures.js";
import { ATTENTION_KINDS } from "../../services/overview/attention-list.js";
import {
  FEDERATION_EDGE_KINDS,
  FEDERATION_HEALTHS,
  FEDERATION_NODE_KINDS,
} from "../../services/overview/federation.js";
import { enumOf } from "./enums.js";

export const FigureBucketEnum = enumOf("FigureBucket", "How time is cut, in UTC.", FIGURE_BUCKETS, {
  DAY: "Days.",
  WEEK: "Weeks, from Monday on.",
  MONTH: "Months of the calendar.",
});

export const AttentionKindEnum = enumOf("AttentionKind", "What somebody should look at.", ATTENTION_KINDS, {
  APPROVAL_WAITING: "A request to buy waits for approval.",
  PEERING_FAILED: "A peering does not go on without you.",
  CONTRACT_EXPIRING: "A contract ends within 7 days.",
  BROKER_AWAY: "A Broker that is followed cannot be reached.",
  EQUIVOCATION: "A cluster signed two different documents with one number.",
  PEER_UNDECIDED: "A peer that was there before, about which nobody has decided.",
  WARNING: "A finding of the diagnostics.",
});

export const FederationNodeKindEnum = enumOf(
  "FederationNodeKind",
  "What a node of the map is.",
  FEDERATION_NODE_KINDS,
  {
    SELF: "This cluster.",
    BROKER: "A Broker that it is registered with.",
    CLUSTER: "A cluster with which contracts are in force.",
  },
);

export const FederationEdgeKindEnum = enumOf(
  "FederationEdgeKind",
  "What an edge of the map is.",
  FEDERATION_EDGE_KINDS,
  {
    MEMBERSHIP: "From this cluster to a Broker.",
    PURCHASE: "Contracts bought: from the provider to this cluster.",
    SALE: "Contracts sold: from this cluster to the customer.",
  },
);

export const FederationHealthEnum = enumOf("FederationHealth", "How it is doing.", FEDERATION_HEALTHS, {
  OK: "As it should be.",
  DEGRADED: "Not, or not yet, as it should be.",
  AWAY: "Not reached, or failed.",
});
