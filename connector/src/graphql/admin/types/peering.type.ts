import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import type { PeeringPhase, PeeringSide, PeeringStepStatus } from "../../../services/peerings/peering-ports.js";
import { PeeringPhaseEnum, PeeringSideEnum, PeeringStepStatusEnum } from "../peering-enums.js";
import { LiqoType } from "./catalog.type.js";
import { ContractType } from "./contract.type.js";

@ObjectType("PeeringPeer", { description: "The other cluster of a peering, as the contract names it." })
export class PeeringPeerType {
  @Field(() => ID, { description: "Key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => String, { description: "Name for people." })
  readonly prettyName!: string;

  @Field(() => LiqoType, { description: "Which Liqo runs there." })
  readonly liqo!: LiqoType;
}

@ObjectType("PeeringStep", { description: "One step on the way to a peering, or back." })
export class PeeringStepType {
  @Field(() => String, { description: "What is done." })
  readonly name!: string;

  @Field(() => PeeringStepStatusEnum, { description: "How far it is." })
  readonly status!: PeeringStepStatus;

  @Field(() => String, { nullable: true, description: "What it waits for, or why it failed." })
  readonly detail!: string | null;

  @Field(() => String, { nullable: true, description: "The object to look at: kind, namespace and name." })
  readonly object!: string | null;
}

@ObjectType("PeeringCondition", { description: "A condition as Liqo shows it, without secrets." })
export class PeeringConditionType {
  @Field(() => String, { description: "Which condition." })
  readonly type!: string;

  @Field(() => String, { description: "Its value." })
  readonly status!: string;

  @Field(() => String, { description: "Liqo's reason, one word." })
  readonly reason!: string;

  @Field(() => String, { description: "Liqo's message." })
  readonly message!: string;
}

@ObjectType("PeeringEvent", { description: "One step in the history of a peering." })
export class PeeringEventType {
  @Field(() => Timestamp, { description: "When, Unix seconds." })
  readonly at!: number;

  @Field(() => String, { description: "Who caused it: an admin, `peer <fingerprint>`, or `connector`." })
  readonly actor!: string;

  @Field(() => PeeringPhaseEnum, { description: "Where the peering stood then." })
  readonly phase!: PeeringPhase;

  @Field(() => String, { description: "What had happened." })
  readonly message!: string;
}

@ObjectType("PeeringQuestion", { description: "Something that a peering by hand needs from the cluster." })
export class PeeringQuestionType {
  @Field(() => ID, { description: "Its name, for continuePeering." })
  readonly name!: string;

  @Field(() => String, { description: "What is asked for, and when it is there." })
  readonly description!: string;

  @Field(() => String, {
    nullable: true,
    description: "The command that prints it, or does it; null where there is none.",
  })
  readonly command!: string | null;
}

@InputType("PeeringAnswer", { description: "The answer to a question of a peering by hand." })
export class PeeringAnswerInput {
  @Field(() => ID, { description: "Name of the question." })
  readonly name!: string;

  @Field(() => String, { description: "What the command printed, or the whole object as kubectl prints it." })
  readonly value!: string;
}

@ObjectType("PeeringOtherSide", {
  description: "How the other half of a peering stands, by the other cluster's own words. Nothing of it is checked.",
})
export class PeeringOtherSideType {
  @Field(() => PeeringPhaseEnum, { description: "Where it stands." })
  readonly phase!: PeeringPhase;

  @Field(() => String, { description: "The same in one sentence." })
  readonly message!: string;

  @Field(() => String, { nullable: true, description: "What its admin can do about it; null if nothing." })
  readonly whatToDo!: string | null;

  @Field(() => ResourceList, { description: "What it says that it grants; empty from a customer." })
  readonly granted!: Resources;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when it is in that phase, by its own clock, Unix seconds. Null if it did not say.",
  })
  readonly since!: number | null;

  @Field(() => Timestamp, { description: "When it said so, Unix seconds." })
  readonly at!: number;
}

@ObjectType("Peering", {
  description:
    "What turns contracts into usable resources: this cluster's half of a Liqo peering with one other cluster. All contracts with that cluster on the same side share it.",
})
export class PeeringType {
  @Field(() => ID, { description: "Id of the peering here." })
  readonly peeringID!: string;

  @Field(() => PeeringSideEnum, { description: "Which half this cluster is." })
  readonly side!: PeeringSide;

  @Field(() => PeeringPeerType, { description: "The other cluster." })
  readonly peer!: PeeringPeerType;

  @Field(() => [ContractType], {
    description: "The contracts behind it: in force, or ended without their resources being back.",
  })
  readonly contracts!: readonly ContractType[];

  @Field(() => Boolean, { description: "Customer: false after deletePeering, while contracts go on." })
  readonly wanted!: boolean;

  @Field(() => Boolean, {
    description: "Customer, Liqo 1.x: whether the two clusters' networks are to be connected, as createPeering said.",
  })
  readonly network!: boolean;

  @Field(() => PeeringPhaseEnum, { description: "Where it stands." })
  readonly phase!: PeeringPhase;

  @Field(() => String, { description: "The same in one sentence." })
  readonly message!: string;

  @Field(() => String, { nullable: true, description: "What you can do about it; null if nothing." })
  readonly whatToDo!: string | null;

  @Field(() => [PeeringStepType], { description: "Its steps, those done and those waiting." })
  readonly steps!: readonly PeeringStepType[];

  @Field(() => [PeeringConditionType], { description: "What Liqo itself says." })
  readonly conditions!: readonly PeeringConditionType[];

  @Field(() => String, {
    nullable: true,
    description: "Why the last attempt failed for a reason that passes by itself.",
  })
  readonly lastError!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The object that this error is about: kind, namespace and name.",
  })
  readonly lastErrorObject!: string | null;

  @Field(() => PeeringOtherSideType, {
    nullable: true,
    description: "What the other cluster last said of its half; null before it said anything.",
  })
  readonly otherSide!: PeeringOtherSideType | null;

  @Field(() => Timestamp, { description: "Since when it is in its phase, Unix seconds." })
  readonly since!: number;

  @Field(() => Timestamp, { description: "Since when it is known, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { description: "When it last changed, Unix seconds." })
  readonly changed!: number;
}
