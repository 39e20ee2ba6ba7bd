import type { FeedEventType, FeedKind, FeedOp } from "@catalog/schema/feed";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";

import { FeedEventTypeEnum, FeedKindEnum, FeedOpEnum } from "../enums.js";
import { ClusterType } from "./cluster.type.js";
import { OfferType } from "./offer.type.js";

@ObjectType("CatalogChange", { description: "One item of the catalog that changed." })
export class CatalogChangeType {
  @Field(() => Timestamp, { description: "Place of the change in this Broker's log." })
  readonly revision!: number;

  @Field(() => FeedOpEnum, { description: "What happened to it." })
  readonly op!: FeedOp;

  @Field(() => FeedKindEnum, { description: "What the item is." })
  readonly kind!: FeedKind;

  @Field(() => ID, { description: "Key fingerprint of the cluster that the item belongs to." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo's cluster id of that cluster." })
  readonly clusterID!: string;

  @Field(() => ID, { nullable: true, description: "Id of the offer. Null for a cluster." })
  readonly offerID!: string | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when the cluster has not been connected, Unix seconds. Null while it is.",
  })
  readonly staleSince!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The signed document, byte for byte: descriptor or offer, or the withdrawal of a removed offer. Null: the Broker lists the item no longer, which says nothing about other Brokers.",
  })
  readonly jws!: string | null;

  @Field(() => ClusterType, {
    nullable: true,
    description: "The cluster, read from the document. Null for offers and removals.",
  })
  readonly cluster!: ClusterType | null;

  @Field(() => OfferType, {
    nullable: true,
    description: "The offer, read from the document. Null for clusters and removals.",
  })
  readonly offer!: OfferType | null;
}

@ObjectType("CatalogEvent", {
  description: "One message of the catalog feed. Apply it and remember its cursor together, or neither.",
})
export class CatalogEventType {
  @Field(() => FeedEventTypeEnum, { description: "What the message means." })
  readonly type!: FeedEventType;

  @Field(() => String, { description: "Opaque; give it as `since` to go on after this message." })
  readonly cursor!: string;

  @Field(() => [CatalogChangeType], { description: "What changed; empty unless the type is ITEMS." })
  readonly changes!: readonly CatalogChangeType[];
}
