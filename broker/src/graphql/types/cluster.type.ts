import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";

import type { MemberStatus } from "../../domain/member.js";
import { MemberStatusEnum } from "../enums.js";
import { OfferType } from "./offer.type.js";

@ObjectType("Liqo", { description: "Which Liqo runs in a cluster." })
export class LiqoType {
  @Field(() => String, { description: "How its Connector drives Liqo: manual, v0.8, v0.9 or v1." })
  readonly mode!: string;

  @Field(() => String, { nullable: true, description: "Version of Liqo. Null where the Connector does not know it." })
  readonly version!: string | null;
}

@ObjectType("Cluster", {
  description: "A cluster that is, was or wants to be a member of this Broker, as its signed descriptor says.",
})
export class ClusterType implements CatalogCluster {
  @Field(() => ID, { description: "Key fingerprint: the identity of the cluster." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo's cluster id: a name that the identity holds." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => String, { description: "Name for people." })
  readonly clusterPrettyName!: string;

  @Field(() => String, {
    nullable: true,
    description: "Liqo's authentication address (Liqo 0.x). Null where there is none.",
  })
  readonly endpoint!: string | null;

  @Field(() => String, { description: "Contract endpoint: where other Connectors negotiate with this cluster." })
  readonly clusterContractEndpoint!: string;

  @Field(() => Timestamp, { description: "When the cluster's identity was made, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { description: "Number of the descriptor; rises with any change of it." })
  readonly seq!: number;

  @Field(() => LiqoType, { description: "Which Liqo runs there." })
  readonly liqo!: LiqoType;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when the cluster has not been connected, Unix seconds. Null while it is.",
  })
  readonly staleSince!: number | null;

  @Field(() => String, { description: "The signed descriptor, byte for byte, for verification." })
  readonly jws!: string;

  @Field(() => MemberStatusEnum, { description: "Where it stands with this Broker." })
  readonly status!: MemberStatus;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When it asked to join, Unix seconds. Told in lists of clusters only.",
  })
  readonly requestedAt!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When it became a member, Unix seconds. Told in lists of clusters only.",
  })
  readonly admittedAt!: number | null;
}

@ObjectType("Catalog", { description: "One provider cluster with everything it offers." })
export class CatalogType {
  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Name for people." })
  readonly clusterPrettyName!: string;

  @Field(() => ID, { description: "Key fingerprint: the identity of the cluster." })
  readonly fingerprint!: string;

  @Field(() => String, {
    nullable: true,
    description: "Liqo's authentication address (Liqo 0.x). Null where there is none.",
  })
  readonly endpoint!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Always null: a peering secret is told to the buyer of an active contract only, encrypted.",
    deprecationReason: "Always null. The secret for a peering comes with an active contract.",
  })
  readonly token!: null;

  @Field(() => String, { description: "Contract endpoint: where other Connectors negotiate with this cluster." })
  readonly clusterContractEndpoint!: string;

  @Field(() => Timestamp, { description: "When the cluster's identity was made, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when the cluster has not been connected, Unix seconds. Null while it is.",
  })
  readonly staleSince!: number | null;

  @Field(() => [OfferType], { description: "All its offers, by offer id." })
  readonly offers!: readonly CatalogOffer[];
}
