import type { FeedKind } from "@catalog/schema/feed";
import type { PinSource } from "@catalog/schema/replica-identity";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { FeedKindEnum, PinSourceEnum } from "../enums.js";

@ObjectType("KnownCluster", {
  description: "Another cluster whose identity is known here, whether or not the Catalog lists it now.",
})
export class KnownClusterType {
  @Field(() => ID, { description: "Key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "The Liqo cluster id that it claims." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => String, { description: "Name for people." })
  readonly clusterPrettyName!: string;

  @Field(() => String, { description: "Contract endpoint: where its Connector is reached." })
  readonly clusterContractEndpoint!: string;

  @Field(() => Boolean, {
    description:
      "True if it holds its cluster id here. False: another cluster was known with that id first, so this one is hidden and refused until you decide with trustCluster.",
  })
  readonly holdsClusterID!: boolean;

  @Field(() => Boolean, { description: "True if you trust it by hand: it may buy here although no Broker lists it." })
  readonly trusted!: boolean;

  @Field(() => Timestamp, { nullable: true, description: "Since when, Unix seconds." })
  readonly trustedAt!: number | null;

  @Field(() => String, { nullable: true, description: "Your note on it." })
  readonly note!: string | null;

  @Field(() => Boolean, { description: "Whether an enabled Broker lists it now." })
  readonly listed!: boolean;

  @Field(() => [ID], { description: "Ids of the Brokers that list it." })
  readonly brokerIDs!: readonly string[];

  @Field(() => PinSourceEnum, { description: "How it became known." })
  readonly source!: PinSource;

  @Field(() => Timestamp, { description: "When it became known, Unix seconds." })
  readonly pinnedAt!: number;

  @Field(() => String, { description: "Its newest signed descriptor, byte for byte." })
  readonly descriptor!: string;
}

@ObjectType("Equivocation", {
  description:
    "Proof that a cluster has signed two different documents with the same number, to show different things to different others. The first stays in use.",
})
export class EquivocationType {
  @Field(() => ID, { description: "Key fingerprint of the cluster that signed both." })
  readonly fingerprint!: string;

  @Field(() => FeedKindEnum, { description: "What the documents are about." })
  readonly kind!: FeedKind;

  @Field(() => ID, { nullable: true, description: "The offer. Null for descriptors." })
  readonly offerID!: string | null;

  @Field(() => Timestamp, { description: "The number that both carry." })
  readonly number!: number;

  @Field(() => String, { description: "The document that was known first (JWS)." })
  readonly first!: string;

  @Field(() => String, { description: "The other one (JWS)." })
  readonly second!: string;

  @Field(() => ID, { description: "The Broker that showed the second one." })
  readonly brokerID!: string;

  @Field(() => Timestamp, { description: "When it was seen, Unix seconds." })
  readonly seenAt!: number;
}
