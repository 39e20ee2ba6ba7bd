import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";

import type { LagSpread } from "../../domain/lag-spread.js";
import type { ListedCluster } from "../../services/catalog.service.js";
import { FeedKindEnum } from "../enums.js";
import { ClusterType } from "./cluster.type.js";

@ObjectType("Member", { description: "A cluster as the operator watches it: member or not, with how it is doing." })
export class MemberType {
  @Field(() => ID, { description: "Key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ClusterType, { description: "The cluster, with its standing." })
  readonly cluster!: ListedCluster;

  @Field(() => Int, { description: "How many offers it lists." })
  readonly offers!: number;

  @Field(() => Boolean, { description: "Whether it is connected now, to any replica." })
  readonly connected!: boolean;

  @Field(() => Int, { description: "How many connections it has, to all replicas." })
  readonly sockets!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When it was last known to be connected, Unix seconds. Null: never, or too long ago.",
  })
  readonly lastSeen!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Changes that it has not been sent yet. Null where it does not follow the feed at this replica.",
  })
  readonly lag!: number | null;
}

@ObjectType("LagSpread", { description: "How far those who follow the feed at this replica are behind, in changes." })
export class LagSpreadType implements LagSpread {
  @Field(() => Int, { description: "How many have everything." })
  readonly current!: number;

  @Field(() => Int, { description: "How many have not." })
  readonly behind!: number;

  @Field(() => Int, { description: "Half of all are at most so far behind." })
  readonly median!: number;

  @Field(() => Int, { description: "Nine of ten are at most so far behind." })
  readonly p90!: number;

  @Field(() => Int, { description: "The farthest." })
  readonly max!: number;
}

@ObjectType("FeedFigures", { description: "How the feed is doing." })
export class FeedFiguresType {
  @Field(() => Timestamp, { description: "The newest revision." })
  readonly head!: number;

  @Field(() => Timestamp, { description: "Who is at an older revision than this reads everything anew." })
  readonly horizon!: number;

  @Field(() => ID, { description: "The epoch: a new one begins when the database's past has changed." })
  readonly epoch!: string;

  @Field(() => Timestamp, { description: "When it began, Unix seconds." })
  readonly epochBegan!: number;

  @Field(() => Int, { description: "Changes in the last minute." })
  readonly changesLastMinute!: number;

  @Field(() => Int, { description: "Clusters listed." })
  readonly clusters!: number;

  @Field(() => Int, { description: "Offers listed." })
  readonly offers!: number;

  @Field(() => Int, { description: "Subscriptions of the feed at this replica." })
  readonly subscribers!: number;

  @Field(() => Int, { description: "Groups of equal subscriptions; each is executed once for all of it." })
  readonly groups!: number;

  @Field(() => Int, { description: "Connections of members to this replica." })
  readonly memberSockets!: number;

  @Field(() => Int, { description: "Documents that wait to be written by this replica." })
  readonly waitingDocuments!: number;

  @Field(() => LagSpreadType, { description: "How far subscribers are behind." })
  readonly lag!: LagSpread;
}

@ObjectType("SeenEquivocation", {
  description: "Two different documents with the same number, both signed by one identity. The first stays in use.",
})
export class SeenEquivocationType {
  @Field(() => ID, { description: "Names the entry in this list." })
  readonly equivocationID!: string;

  @Field(() => ID, { description: "Key fingerprint of who signed both." })
  readonly fingerprint!: string;

  @Field(() => FeedKindEnum, { description: "What they are about." })
  readonly kind!: "CLUSTER" | "OFFER";

  @Field(() => ID, { nullable: true, description: "Id of the offer. Null for a cluster." })
  readonly offerID!: string | null;

  @Field(() => Timestamp, { description: "Their number." })
  readonly number!: number;

  @Field(() => String, { description: "The signed document that stays in use." })
  readonly first!: string;

  @Field(() => String, { description: "The other one, as proof." })
  readonly second!: string;

  @Field(() => Timestamp, { description: "When the second one came, Unix seconds." })
  readonly seenAt!: number;
}
