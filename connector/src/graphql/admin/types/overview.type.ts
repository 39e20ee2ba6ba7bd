import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import type { FigureBucket } from "../../../domain/figures.js";
import type { Severity } from "../../../services/cluster/diagnosis.js";
import type { AttentionKind } from "../../../services/overview/attention-list.js";
import type {
  FederationEdgeKind,
  FederationHealth,
  FederationNodeKind,
} from "../../../services/overview/federation.js";
import type { PeeringPhase } from "../../../services/peerings/peering-ports.js";
import { SeverityEnum } from "../enums.js";
import {
  AttentionKindEnum,
  FederationEdgeKindEnum,
  FederationHealthEnum,
  FederationNodeKindEnum,
  FigureBucketEnum,
} from "../overview-enums.js";
import { PeeringPhaseEnum } from "../peering-enums.js";

@ObjectType("Attention", { description: "Something that somebody should look at." })
export class AttentionType {
  @Field(() => AttentionKindEnum, { description: "What it is." })
  readonly kind!: AttentionKind;

  @Field(() => SeverityEnum, { description: "How much it matters." })
  readonly severity!: Severity;

  @Field(() => ID, { description: "Id of what it is about: a contract, peering, Broker, cluster or check." })
  readonly subject!: string;

  @Field(() => String, { description: "The same in a few words." })
  readonly title!: string;

  @Field(() => String, { description: "In a sentence, with what to do." })
  readonly message!: string;

  @Field(() => String, { description: "Path of the page of this server that shows it." })
  readonly link!: string;

  @Field(() => String, {
    nullable: true,
    description: "Name of the mutation that settles it; null where there is none.",
  })
  readonly action!: string | null;

  @Field(() => Timestamp, { nullable: true, description: "Since when it is so, or when it happens, Unix seconds." })
  readonly at!: number | null;
}

@ObjectType("MoneyFigure", { description: "Money of one currency: nothing is converted." })
export class MoneyFigureType {
  @Field(() => String, { description: "Currency, ISO 4217." })
  readonly currency!: string;

  @Field(() => Money, { description: "What contracts sold were worth in this time." })
  readonly income!: number;

  @Field(() => Money, { description: "What contracts bought cost in this time." })
  readonly spend!: number;
}

@ObjectType("PeerFigure", { description: "Money of one currency with one other cluster." })
export class PeerFigureType extends MoneyFigureType {
  @Field(() => ID, { description: "Its key fingerprint." })
  readonly fingerprint!: string;

  @Field(() => String, { description: "Its name for people, as a contract names it." })
  readonly prettyName!: string;
}

@ObjectType("FigurePoint", {
  description: "Money of one currency in one stretch of time; stretches without any are left out.",
})
export class FigurePointType extends MoneyFigureType {
  @Field(() => Timestamp, { description: "Its beginning, Unix seconds." })
  readonly from!: number;

  @Field(() => Timestamp, { description: "Its end, Unix seconds; not part of it." })
  readonly to!: number;
}

@ObjectType("Figures", {
  description:
    "Income and spend, computed exactly from the contracts: price × units × time in force, to the second, up to now. The Catalog says what was agreed; paying is between the two.",
})
export class FiguresType {
  @Field(() => Timestamp, { description: "Beginning of the time that was asked for, Unix seconds." })
  readonly from!: number;

  @Field(() => Timestamp, { description: "Its end, Unix seconds." })
  readonly to!: number;

  @Field(() => FigureBucketEnum, { description: "How it is cut." })
  readonly bucket!: FigureBucket;

  @Field(() => [MoneyFigureType], { description: "Over all, by currency." })
  readonly totals!: readonly MoneyFigureType[];

  @Field(() => [PeerFigureType], { description: "By other cluster and currency." })
  readonly byPeer!: readonly PeerFigureType[];

  @Field(() => [FigurePointType], { description: "Over time, by currency." })
  readonly series!: readonly FigurePointType[];
}

@ObjectType("FederationNode", { description: "A party on the map." })
export class FederationNodeType {
  @Field(() => ID, { description: "Key fingerprint." })
  readonly id!: string;

  @Field(() => FederationNodeKindEnum, { description: "What it is." })
  readonly kind!: FederationNodeKind;

  @Field(() => String, { description: "Name for people." })
  readonly name!: string;

  @Field(() => ID, { nullable: true, description: "Liqo's cluster id. Null for Brokers, and where it is not known." })
  readonly clusterID!: string | null;

  @Field(() => FederationHealthEnum, { description: "How it is doing." })
  readonly health!: FederationHealth;
}

@ObjectType("FederationEdge", { description: "What ties two parties on the map." })
export class FederationEdgeType {
  @Field(() => ID, { description: "Names the edge." })
  readonly id!: string;

  @Field(() => FederationEdgeKindEnum, { description: "What it is." })
  readonly kind!: FederationEdgeKind;

  @Field(() => ID, { description: "Where it begins: the provider of resources, or this cluster." })
  readonly from!: string;

  @Field(() => ID, { description: "Where it ends." })
  readonly to!: string;

  @Field(() => Int, { description: "How many contracts in force are behind it." })
  readonly contracts!: number;

  @Field(() => ResourceList, { description: "What they give together." })
  readonly resources!: Resources;

  @Field(() => FederationHealthEnum, { description: "How it is doing." })
  readonly health!: FederationHealth;

  @Field(() => PeeringPhaseEnum, {
    nullable: true,
    description: "Where the peering behind it stands; null if there is none.",
  })
  readonly peeringPhase!: PeeringPhase | null;
}

@ObjectType("Federation", { description: "The map: this cluster, its Brokers, and with whom contracts are in force." })
export class FederationType {
  @Field(() => [FederationNodeType], { description: "The parties; this cluster first." })
  readonly nodes!: readonly FederationNodeType[];

  @Field(() => [FederationEdgeType], { description: "What ties them." })
  readonly edges!: readonly FederationEdgeType[];
}
