import type { FeedEventType, FeedKind, FeedOp } from "@catalog/schema/feed";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { FeedEventTypeEnum, FeedKindEnum, FeedOpEnum } from "../enums.js";
import { OfferType } from "./offer.type.js";

@ObjectType("Liqo", {
  description: "Which Liqo runs in a cluster. Two clusters can peer when generation and minor version agree.",
})
export class LiqoType {
  @Field(() => String, { description: "How the Connector there drives Liqo: manual, v0.8, v0.9 or v1." })
  readonly mode!: string;

  @Field(() => String, { nullable: true, description: "Version of Liqo; null where the Connector does not know it." })
  readonly version!: string | null;
}

@ObjectType("Cluster", { description: "Another cluster, as its signed descriptor says." })
export class ClusterType {
  @Field(() => ID, { description: "Key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => String, { description: "Name for people." })
  readonly clusterPrettyName!: string;

  @Field(() => String, { nullable: true, description: "Liqo address (Liqo 0.x). Null where there is none." })
  readonly endpoint!: string | null;

  @Field(() => String, { description: "Contract endpoint: where other Connectors reach it." })
  readonly clusterContractEndpoint!: string;

  @Field(() => Timestamp, { description: "When it was initialised, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { description: "Number of the descriptor; rises with every change of it." })
  readonly seq!: number;

  @Field(() => LiqoType, { description: "Which Liqo runs there." })
  readonly liqo!: LiqoType;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when no Broker has seen it alive, Unix seconds. Null while one does.",
  })
  readonly staleSince!: number | null;

  @Field(() => String, { description: "The signed descriptor, byte for byte, for verification." })
  readonly jws!: string;
}

@ObjectType("Catalog", { description: "One provider cluster with everything that it sells." })
export class CatalogType {
  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Name for people." })
  readonly clusterPrettyName!: string;

  @Field(() => ID, { description: "Key fingerprint: the identity." })
  readonly fingerprint!: string;

  @Field(() => String, { nullable: true, description: "Liqo address (Liqo 0.x). Null where there is none." })
  readonly endpoint!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Always null: what a peering needs is told to the customer of an active contract only, encrypted.",
    deprecationReason: "Always null. What a peering needs comes with an active contract.",
  })
  readonly token!: null;

  @Field(() => String, { description: "Contract endpoint: where other Connectors reach it." })
  readonly clusterContractEndpoint!: string;

  @Field(() => Timestamp, { description: "When the cluster was initialised, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when no Broker has seen it alive, Unix seconds. Null while one does.",
  })
  readonly staleSince!: number | null;

  @Field(() => [OfferType], { description: "All its offers, by offer id." })
  readonly offers!: readonly OfferType[];
}

@ObjectType("PageInfo", { description: "How to read on in a list." })
export class PageInfoType {
  @Field(() => Boolean, { description: "True if more follow." })
  readonly hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: "Give it as `after` to read on. Null on an empty page." })
  readonly endCursor!: string | null;
}

@ObjectType("OfferEdge", { description: "An offer with its place in the list." })
export class OfferEdgeType {
  @Field(() => String, { description: "Opaque place of this offer in this list." })
  readonly cursor!: string;

  @Field(() => OfferType, { description: "The offer." })
  readonly node!: OfferType;
}

@ObjectType("OfferConnection", { description: "One page of a list of offers." })
export class OfferConnectionType {
  @Field(() => [OfferEdgeType], { description: "Offers with their places." })
  readonly edges!: readonly OfferEdgeType[];

  @Field(() => [OfferType], { description: "The offers alone." })
  readonly nodes!: readonly OfferType[];

  @Field(() => PageInfoType, { description: "How to read on." })
  readonly pageInfo!: PageInfoType;

  @Field(() => Int, { description: "How many offers fit the filter in all." })
  readonly totalCount!: number;

  @Field(() => String, {
    description:
      "Give it as `since` to the subscription catalog, with the same filter: it tells what changes after this page was read.",
  })
  readonly feedCursor!: string;
}

@ObjectType("CatalogChange", { description: "One item of the Catalog that changed." })
export class CatalogChangeType {
  @Field(() => Timestamp, {
    description: "Place of the change in this Connector's own log, which lives as long as its process.",
  })
  readonly revision!: number;

  @Field(() => FeedOpEnum, { description: "What happened." })
  readonly op!: FeedOp;

  @Field(() => FeedKindEnum, { description: "What the item is." })
  readonly kind!: FeedKind;

  @Field(() => ID, { description: "Key fingerprint of the cluster that it belongs to." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo cluster id of that cluster." })
  readonly clusterID!: string;

  @Field(() => ID, { nullable: true, description: "Id of the offer. Null for a cluster." })
  readonly offerID!: string | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when no Broker has seen the cluster alive, Unix seconds. Null while one does.",
  })
  readonly staleSince!: number | null;

  @Field(() => String, { nullable: true, description: "The signed document, byte for byte. Null for a removal." })
  readonly jws!: string | null;

  @Field(() => ClusterType, { nullable: true, description: "The cluster. Null for offers and removals." })
  readonly cluster!: ClusterType | null;

  @Field(() => OfferType, { nullable: true, description: "The offer. Null for clusters and removals." })
  readonly offer!: OfferType | null;
}

@ObjectType("CatalogEvent", {
  description:
    "One message of the catalog subscription, in the shape in which a Broker sends it. Apply it and remember its cursor together, or neither.",
})
export class CatalogEventType {
  @Field(() => FeedEventTypeEnum, { description: "What the message means." })
  readonly type!: FeedEventType;

  @Field(() => String, { description: "Opaque; give it as `since` to go on after this message." })
  readonly cursor!: string;

  @Field(() => [CatalogChangeType], { description: "What changed; empty unless the type is ITEMS." })
  readonly changes!: readonly CatalogChangeType[];
}
