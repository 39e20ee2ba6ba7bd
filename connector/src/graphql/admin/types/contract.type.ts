import type { ContractAction, ContractRole, ContractState } from "@catalog/schema/contract";
import type { ErrorCode } from "@catalog/schema/errors";
import type { CostPeriod } from "@catalog/schema/money";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { ContractActionEnum, ContractRoleEnum, ContractStateEnum, CostPeriodEnum, ErrorCodeEnum } from "../enums.js";
import { LiqoType } from "./catalog.type.js";
import { OfferTermsType, PlanTermsType } from "./offer.type.js";

@ObjectType("ContractPlan", { description: "The plan that was bought, as it was then." })
export class ContractPlanType extends PlanTermsType {}

@ObjectType("ContractOffer", {
  description: "Copy of the offer as it was when the contract was made; later changes of the offer do not touch it.",
})
export class ContractOfferType extends OfferTermsType {
  @Field(() => [ContractPlanType], { description: "Its plans." })
  readonly plans!: readonly ContractPlanType[];
}

@ObjectType("Party", { description: "One side of a contract, as it was when the contract was made." })
export class PartyType {
  @Field(() => ID, { description: "Key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => String, { description: "Name for people." })
  readonly prettyName!: string;

  @Field(() => String, { description: "Contract endpoint: where its Connector is reached." })
  readonly contractEndpoint!: string;

  @Field(() => LiqoType, { description: "Which Liqo runs there." })
  readonly liqo!: LiqoType;
}

@ObjectType("ContractMoney", {
  description: "What a contract costs. The Catalog says what was agreed; paying is between the two.",
})
export class ContractMoneyType {
  @Field(() => Money, { description: "Price of one unit for one period." })
  readonly cost!: number;

  @Field(() => String, { description: "Currency, ISO 4217." })
  readonly currency!: string;

  @Field(() => CostPeriodEnum, { description: "The period that the price pays for." })
  readonly period!: CostPeriod;

  @Field(() => Money, { description: "Price of all units together for one period." })
  readonly total!: number;
}

@ObjectType("ContractStep", { description: "One step in the history of a contract." })
export class ContractStepType {
  @Field(() => ContractStateEnum, { description: "The state that it came to." })
  readonly state!: ContractState;

  @Field(() => Timestamp, { description: "When, Unix seconds." })
  readonly at!: number;

  @Field(() => String, {
    description:
      "Who caused it: an admin of this cluster, `peer <fingerprint>`, or `connector` for what happens by itself.",
  })
  readonly actor!: string;

  @Field(() => ErrorCodeEnum, { nullable: true, description: "Error code of a refusal or an end." })
  readonly code!: ErrorCode | null;

  @Field(() => String, { nullable: true, description: "The reason in words." })
  readonly message!: string | null;
}

@ObjectType("Contract", {
  description: "What one cluster has bought, or wants to buy, from another. Both keep it; this is this cluster's copy.",
})
export class ContractType {
  @Field(() => ID, { description: "Names the contract at both parties." })
  readonly contractID!: string;

  @Field(() => ContractRoleEnum, { description: "Which side this cluster is." })
  readonly role!: ContractRole;

  @Field(() => ContractStateEnum, { description: "Where it stands." })
  readonly state!: ContractState;

  @Field(() => Boolean, { description: "True while the contract is in force." })
  readonly enabled!: boolean;

  @Field(() => [ContractActionEnum], { description: "What the admin of this cluster can do with it now." })
  readonly allowedActions!: readonly ContractAction[];

  @Field(() => ID, { description: "The customer's Liqo cluster id." })
  readonly buyerID!: string;

  @Field(() => ID, { description: "The customer's key fingerprint." })
  readonly buyerFingerprint!: string;

  @Field(() => PartyType, { description: "The customer." })
  readonly buyer!: PartyType;

  @Field(() => PartyType, { description: "The provider." })
  readonly seller!: PartyType;

  @Field(() => ContractOfferType, {
    nullable: true,
    description: "The offer as it was. Null only for a refused request that named none.",
  })
  readonly offer!: ContractOfferType | null;

  @Field(() => ID, { description: "Id of the offer." })
  readonly offerID!: string;

  @Field(() => ID, { description: "Id of the plan." })
  readonly planID!: string;

  @Field(() => ContractPlanType, {
    nullable: true,
    description: "The plan as it was. Null only for a refused request that named none.",
  })
  readonly plan!: ContractPlanType | null;

  @Field(() => Int, { description: "How many units of the plan." })
  readonly units!: number;

  @Field(() => ResourceList, { description: "What all units together give." })
  readonly resources!: Resources;

  @Field(() => ContractMoneyType, {
    nullable: true,
    description: "What it costs. Null only for a refused request that named no plan.",
  })
  readonly money!: ContractMoneyType | null;

  @Field(() => ID, { nullable: true, description: "The key that the purchase was made with; customer only." })
  readonly requestID!: string | null;

  @Field(() => Timestamp, { description: "When it was requested, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { description: "When it changed last, Unix seconds." })
  readonly changed!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when its terms hold, Unix seconds. Null before they are frozen.",
  })
  readonly validFrom!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When it ends by itself, Unix seconds. Null: when one of the two ends it.",
  })
  readonly validUntil!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Last moment for the provider's admin to decide, Unix seconds.",
  })
  readonly approveBy!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Until when the units are held for a customer who has not confirmed, Unix seconds.",
  })
  readonly reservedUntil!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it came into force, Unix seconds." })
  readonly activatedAt!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it ended, Unix seconds." })
  readonly endedAt!: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When its resources were back and its units could be sold again, Unix seconds.",
  })
  readonly releasedAt!: number | null;

  @Field(() => Boolean, { description: "True if the provider has ended it without keeping the notice period." })
  readonly breach!: boolean;

  @Field(() => Boolean, {
    description: "True if you have freed its stock by hand, before its resources were known to be back.",
  })
  readonly releasedByForce!: boolean;

  @Field(() => Boolean, {
    description: "True while its stock was freed by hand and its resources are not known to be back.",
  })
  readonly overdue!: boolean;

  @Field(() => ErrorCodeEnum, { nullable: true, description: "Error code of the refusal or end." })
  readonly code!: ErrorCode | null;

  @Field(() => String, { nullable: true, description: "Why it was refused or ended, or what it waits for." })
  readonly message!: string | null;

  @Field(() => [ContractStepType], { description: "The states that it went through, oldest first." })
  readonly timeline!: readonly ContractStepType[];

  @Field(() => Timestamp, { description: "Number of the provider's last change of it; 0 before its first answer." })
  readonly version!: number;

  @Field(() => String, {
    nullable: true,
    description: "The terms, signed by the provider (compact JWS). Null before they are frozen.",
  })
  readonly terms!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The contract with both signatures (General JWS), byte for byte the same at both parties, for verification. Null before both have signed.",
  })
  readonly contract!: string | null;

  @Field(() => String, { nullable: true, description: "The customer's receipt (JWS)." })
  readonly receipt!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The provider's activation (JWS). Null before the contract was in force.",
  })
  readonly activation!: string | null;

  @Field(() => String, { nullable: true, description: "The signed notice that ended it (JWS)." })
  readonly notice!: string | null;
}
