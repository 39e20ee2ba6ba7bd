import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { MembershipEnum } from "../enums.js";

@ObjectType("Broker", { description: "A Broker that this cluster is registered with, and how it is doing." })
export class BrokerType {
  @Field(() => ID, { description: "The Broker's key fingerprint: its identity." })
  readonly brokerID!: string;

  @Field(() => String, { description: "What it is called here." })
  readonly brokerName!: string;

  @Field(() => String, { description: "Where it is reached." })
  readonly brokerEndpoint!: string;

  @Field(() => Boolean, {
    description: "False in the last message of the subscription about a Broker that was unregistered; true otherwise.",
  })
  readonly registered!: boolean;

  @Field(() => Boolean, {
    description: "Whether this cluster follows it and publishes to it; see setBrokerSubscription.",
  })
  readonly subscribed!: boolean;

  @Field(() => Boolean, {
    description: "True if a declaration (DECLARATIONS) registered it: it is changed there, not through this API.",
  })
  readonly declared!: boolean;

  @Field(() => Boolean, { description: "Whether the connection stands now." })
  readonly connected!: boolean;

  @Field(() => MembershipEnum, { description: "How this cluster stands with it." })
  readonly membership!: "PENDING" | "ADMITTED";

  @Field(() => Boolean, { description: "True while its operator has not admitted this cluster." })
  readonly pending!: boolean;

  @Field(() => Timestamp, { description: "When this cluster registered with it, Unix seconds." })
  readonly registeredAt!: number;

  @Field(() => Timestamp, { nullable: true, description: "Since when the connection stands, Unix seconds." })
  readonly connectedAt!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When the replica was last known to be complete and current, Unix seconds. Null: never yet.",
  })
  readonly syncedAt!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Seconds since the Broker was heard last. Null: not since this Connector started.",
  })
  readonly lag!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "What went wrong last, and what to do. Null while the connection stands.",
  })
  readonly lastError!: string | null;

  @Field(() => Timestamp, { nullable: true, description: "When that was, Unix seconds." })
  readonly lastErrorAt!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description:
      "When the own offers were last announced with success, Unix seconds. Null: not since this Connector started.",
  })
  readonly announcedAt!: number | null;

  @Field(() => String, { nullable: true, description: "Why publishing failed last; it is repeated until it succeeds." })
  readonly publishError!: string | null;

  @Field(() => Int, {
    description:
      "Documents from this Broker that were refused since this Connector started: forged, damaged or filed under somebody else.",
  })
  readonly refusedDocuments!: number;

  @Field(() => String, { nullable: true, description: "Why the last of them was refused." })
  readonly lastRefusal!: string | null;
}
