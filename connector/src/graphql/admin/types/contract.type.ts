import type { ContractAction, ContractRole, ContractState } from "@catalog/schema/contract";
import type { CostPeriod } from "@catalog/schema/money";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { ContractActionEnum, ContractRoleEnum, ContractStateEnum, CostPeriodEnum } from "../enums.js";
import { LiqoType } from "./catalog.type.js";
import { OfferTermsType, PlanTermsType } from "./offer.type.js";

@ObjectType("ContractPlan", { description: "The plan that was bought, as it was then." })
export abstract class ContractPlanType extends PlanTermsType {}

@ObjectType("ContractOffer", {
  description: "Copy of the offer as it was when the contract was made; later changes of the offer do not touch it.",
})
export abstract class ContractOfferType extends OfferTermsType {
  @Field(() => [ContractPlanType], { description: "Its plans." })
  abstract readonly plans: readonly ContractPlanType[];
}

@ObjectType("Party", { description: "One side of a contract, as it was when the contract was made." })
export abstract class PartyType {
  @Field(() => ID, { description: "Key fingerprint: its identity." })
  abstract readonly fingerprint: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  abstract readonly clusterID: string;

  @Field(() => String, { description: "Liqo's cluster name." })
  abstract readonly clusterName: string;

  @Field(() => String, { description: "Name for people." })
  abstract readonly prettyName: string;

  @Field(() => String, { description: "Contract endpoint: where its Connector is reached." })
  abstract readonly contractEndpoint: string;

  @Field(() => LiqoType, { description: "Which Liqo runs there." })
  abstract readonly liqo: LiqoType;
}

@ObjectType("ContractMoney", {
  description: "What a contract costs. The Catalog says what was agreed; paying is between the two.",
})
export abstract class ContractMoneyType {
  @Field(() => Money, { description: "Price of one unit for one period." })
  abstract readonly cost: number;

  @Field(() => String, { description: "Currency, ISO 4217." })
  abstract readonly currency: string;

  @Field(() => CostPeriodEnum, { description: "The period that the price pays for." })
  abstract readonly period: CostPeriod;

  @Field(() => Money, { description: "Price of all units together for one period." })
  abstract readonly total: number;
}

@ObjectType("ContractStep", { description: "One step in the history of a contract." })
export abstract class ContractStepType {
  @Field(() => ContractStateEnum, { description: "The state that it came to." })
  abstract readonly state: ContractState;

  @Field(() => Timestamp, { description: "When, Unix seconds." })
  abstract readonly at: number;

  @Field(() => String, {
    description:
      "Who caused it: an admin of this cluster, `peer <fingerprint>`, or `connector` for what happens by itself.",
  })
  abstract readonly actor: string;

  @Field(() => String, { nullable: true, description: "Error code of a refusal or an end." })
  abstract readonly code: string | null;

  @Field(() => String, { nullable: true, description: "The reason in words." })
  abstract readonly message: string | null;
}

@ObjectType("Contract", {
  description: "What one cluster has bought, or wants to buy, from another. Both keep it; this is this cluster's copy.",
})
export abstract class ContractType {
  @Field(() => ID, { description: "Names the contract at both parties." })
  abstract readonly contractID: string;

  @Field(() => ContractRoleEnum, { description: "Which side this cluster is." })
  abstract readonly role: ContractRole;

  @Field(() => ContractStateEnum, { description: "Where it stands." })
  abstract readonly state: ContractState;

  @Field(() => Boolean, { description: "True while the contract is in force." })
  abstract readonly enabled: boolean;

  @Field(() => [ContractActionEnum], { description: "What the admin of this cluster can do with it now." })
  abstract readonly allowedActions: readonly ContractAction[];

  @Field(() => ID, { description: "The customer's Liqo cluster id." })
  abstract readonly buyerID: string;

  @Field(() => ID, { description: "The customer's key fingerprint." })
  abstract readonly buyerFingerprint: string;

  @Field(() => PartyType, { description: "The customer." })
  abstract readonly buyer: PartyType;

  @Field(() => PartyType, { description: "The provider." })
  abstract readonly seller: PartyType;

  @Field(() => ContractOfferType, {
    nullable: true,
    description: "The offer as it was. Null only for a refused request that named none.",
  })
  abstract readonly offer: ContractOfferType | null;

  @Field(() => ID, { description: "Id of the offer." })
  abstract readonly offerID: string;

  @Field(() => ID, { description: "Id of the plan." })
  abstract readonly planID: string;

  @Field(() => ContractPlanType, {
    nullable: true,
    description: "The plan as it was. Null only for a refused request that named none.",
  })
  abstract readonly plan: ContractPlanType | null;

  @Field(() => Int, { description: "How many units of the plan." })
  abstract readonly units: number;

  @Field(() => ResourceList, { description: "What all units together give." })
  abstract readonly resources: Resources;

  @Field(() => ContractMoneyType, {
    nullable: true,
    description: "What it costs. Null only for a refused request that named no plan.",
  })
  abstract readonly money: ContractMoneyType | null;

  @Field(() => ID, { nullable: true, description: "The key that the purchase was made with; customer only." })
  abstract readonly requestID: string | null;

  @Field(() => Timestamp, { description: "When it was requested, Unix seconds." })
  abstract readonly created: number;

  @Field(() => Timestamp, { description: "When it changed last, Unix seconds." })
  abstract readonly changed: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when its terms hold, Unix seconds. Null before they are frozen.",
  })
  abstract readonly validFrom: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When it ends by itself, Unix seconds. Null: when one of the two ends it.",
  })
  abstract readonly validUntil: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Last moment for the provider's admin to decide, Unix seconds.",
  })
  abstract readonly approveBy: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Until when the units are held for a customer who has not confirmed, Unix seconds.",
  })
  abstract readonly reservedUntil: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it came into force, Unix seconds." })
  abstract readonly activatedAt: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it ended, Unix seconds." })
  abstract readonly endedAt: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When its resources were back and its units could be sold again, Unix seconds.",
  })
  abstract readonly releasedAt: number | null;

  @Field(() => Boolean, { description: "True if the provider has ended it without keeping the notice period." })
  abstract readonly breach: boolean;

  @Field(() => String, { nullable: true, description: "Error code of the refusal or end." })
  abstract readonly code: string | null;

  @Field(() => String, { nullable: true, description: "Why it was refused or ended, or what it waits for." })
  abstract readonly message: string | null;

  @Field(() => [ContractStepType], { description: "The states that it went through, oldest first." })
  abstract readonly timeline: readonly ContractStepType[];

  @Field(() => Timestamp, { description: "Number of the provider's last change of it; 0 before its first answer." })
  abstract readonly version: number;

  @Field(() => String, {
    nullable: true,
    description: "The terms, signed by the provider (compact JWS). Null before they are frozen.",
  })
  abstract readonly terms: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The contract with both signatures (General JWS), byte for byte the same at both parties, for verification. Null before both have signed.",
  })
  abstract readonly contract: string | null;

  @Field(() => String, { nullable: true, description: "The customer's receipt (JWS)." })
  abstract readonly receipt: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The provider's activation (JWS). Null before the contract was in force.",
  })
  abstract readonly activation: string | null;

  @Field(() => String, { nullable: true, description: "The signed notice that ended it (JWS)." })
  abstract readonly notice: string | null;
}
