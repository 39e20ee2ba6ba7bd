import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";
import type { NamespaceMapping, OffloadingPhase, PodStrategy } from "../../../domain/offloading.js";
import { NamespaceMappingEnum, OffloadingPhaseEnum, PodStrategyEnum } from "../offloading-enums.js";

@ObjectType("Offloading", {
  description:
    "A namespace whose pods may run on what a contract gives. It is kept: an object that is removed or edited in the cluster is made right again, and it goes when the contract ends. A namespace may be offloaded through several contracts, also of different providers.",
})
export class OffloadingType {
  @Field(() => ID, { description: "The contract." })
  readonly contractID!: string;

  @Field(() => String, { description: "The namespace of this cluster." })
  readonly namespace!: string;

  @Field(() => PodStrategyEnum, { description: "Where its pods run; the same for all contracts of the namespace." })
  readonly strategy!: PodStrategy;

  @Field(() => NamespaceMappingEnum, { description: "How the namespace is called at the provider." })
  readonly mapping!: NamespaceMapping;

  @Field(() => String, { nullable: true, description: "Its name there, with SELECTED_NAME; null otherwise." })
  readonly remoteNamespace!: string | null;

  @Field(() => OffloadingPhaseEnum, { description: "Where it stands." })
  readonly phase!: OffloadingPhase;

  @Field(() => String, { description: "The same in one sentence." })
  readonly message!: string;

  @Field(() => String, { nullable: true, description: "What you can do about it; null if nothing." })
  readonly whatToDo!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Why the last attempt failed for a reason that passes by itself.",
  })
  readonly lastError!: string | null;

  @Field(() => Timestamp, { description: "When it was asked for first, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { description: "When it last changed, Unix seconds." })
  readonly changed!: number;
}

@ObjectType("OffloadingChange", { description: "What became of an offloading." })
export class OffloadingChangeType {
  @Field(() => ID, { description: "The contract." })
  readonly contractID!: string;

  @Field(() => String, { description: "The namespace." })
  readonly namespace!: string;

  @Field(() => OffloadingType, { nullable: true, description: "As it is now; null when nothing of it is left." })
  readonly offloading!: OffloadingType | null;
}
