import type { CostPeriod } from "@catalog/schema/money";
import type { Approval, Capacity, OfferInput, PlanInput } from "@catalog/schema/offer";
import type { LabelValues, MaxCost, OfferFilter } from "@catalog/schema/offer-filter";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Labels, Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, InputType, Int } from "type-graphql";
import { ApprovalEnum, CapacityEnum, CostPeriodEnum } from "../enums.js";

@InputType("MaxCostInput", {
  description: "A bound on what one unit may cost; compared exactly, after both prices are brought to one month.",
})
export class MaxCostInputType implements MaxCost {
  @Field(() => Money, { description: "The amount." })
  readonly amount!: number;

  @Field(() => String, {
    description: "Currency, ISO 4217. Plans in other currencies do not fit: nothing is converted.",
  })
  readonly currency!: string;

  @Field(() => CostPeriodEnum, { description: "The period that the amount pays for." })
  readonly period!: CostPeriod;
}

@InputType("LabelValuesInput", { description: "A label with the values that will do." })
export class LabelValuesInputType implements LabelValues {
  @Field(() => String, { description: "Key of the label." })
  readonly label!: string;

  @Field(() => [String], { description: "The label must have one of these values; 1 to 50." })
  readonly values!: string[];
}

@InputType("OfferFilter", {
  description:
    "What offers must fulfil; every condition that is given counts. Conditions on plans (currency, minCost, maxCost, minResources, onlyAvailable) must all be met by one and the same plan.",
})
export class OfferFilterType implements OfferFilter {
  @Field(() => String, {
    nullable: true,
    description:
      "Words that must all occur, in any case: in the names, type, description, plan names or labels of an offer, or in the names of its cluster.",
  })
  readonly text?: string | null;

  @Field(() => String, { nullable: true, description: "Exactly this offerType." })
  readonly offerType?: string | null;

  @Field(() => [ID], { nullable: true, description: "Offers of these Liqo cluster ids only." })
  readonly clusterIDs?: string[] | null;

  @Field(() => Labels, { nullable: true, description: "Labels that must all be there with exactly these values." })
  readonly labels?: Readonly<Record<string, string>> | null;

  @Field(() => [LabelValuesInputType], {
    nullable: true,
    description: "Labels that must each be there with one of the values named.",
  })
  readonly labelValues?: LabelValuesInputType[] | null;

  @Field(() => String, { nullable: true, description: "Currency of the price, ISO 4217." })
  readonly currency?: string | null;

  @Field(() => MaxCostInputType, { nullable: true, description: "The most that one unit may cost." })
  readonly maxCost?: MaxCostInputType | null;

  @Field(() => MaxCostInputType, { nullable: true, description: "The least that one unit may cost." })
  readonly minCost?: MaxCostInputType | null;

  @Field(() => ResourceList, { nullable: true, description: "What one unit must give at least." })
  readonly minResources?: Resources | null;

  @Field(() => Boolean, { nullable: true, description: "True: only offers on sale of which units are left." })
  readonly onlyAvailable?: boolean | null;
}

@InputType("PlanInput", { description: "A plan as you want it." })
export class PlanInputType implements PlanInput {
  @Field(() => ID, {
    nullable: true,
    description:
      "Names the plan within its offer; keep it when you change the plan. Absent: made from its place in the list.",
  })
  readonly planID?: string | null;

  @Field(() => String, { nullable: true, description: "Name for people. Absent: the planID." })
  readonly planName?: string | null;

  @Field(() => Money, { description: "Price of one unit for one period, at most 6 decimals." })
  readonly planCost!: number;

  @Field(() => String, { description: "Currency of the price, ISO 4217, such as EUR." })
  readonly planCostCurrency!: string;

  @Field(() => CostPeriodEnum, { description: "The period that the price pays for." })
  readonly planCostPeriod!: CostPeriod;

  @Field(() => Int, {
    description: "How many units there are in all. Lower than what is sold: nothing more is sold until contracts end.",
  })
  readonly planQuantity!: number;

  @Field(() => ResourceList, {
    description: 'What one unit gives, such as {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"}; ram means memory.',
  })
  readonly resources!: Resources;
}

@InputType("OfferInput", {
  description: "An offer as you want it. With the offerID of an existing one it replaces that one.",
})
export class OfferInputType implements OfferInput {
  @Field(() => ID, {
    nullable: true,
    description: "Names the offer within this cluster. Absent: a new offer with a new id.",
  })
  readonly offerID?: string | null;

  @Field(() => String, { description: "Name for people." })
  readonly offerName!: string;

  @Field(() => String, { nullable: true, description: "Kind of offer in your words, such as compute, gpu or storage." })
  readonly offerType?: string | null;

  @Field(() => String, { nullable: true, description: "What customers should know. Plain text." })
  readonly description?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "On sale or paused. Absent: as it was; a new offer is on sale.",
  })
  readonly status?: boolean | null;

  @Field(() => [PlanInputType], { description: "1 to 50 plans with different ids." })
  readonly plans!: PlanInputType[];

  @Field(() => Labels, {
    nullable: true,
    description: 'Labels that customers can filter by, such as {"region": "eu-south-1"}.',
  })
  readonly labels?: Readonly<Record<string, string>> | null;

  @Field(() => ApprovalEnum, {
    nullable: true,
    description: "AUTO (the default) sells at once; MANUAL asks you for each request.",
  })
  readonly approval?: Approval | null;

  @Field(() => CapacityEnum, { nullable: true, description: "What the quantity rests on; DECLARED unless given." })
  readonly capacity?: Capacity | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "How long before the end of a contract you promise to give notice, in seconds.",
  })
  readonly noticePeriod?: number | null;

  @Field(() => Timestamp, { nullable: true, description: "The shortest contract that you sell, in seconds." })
  readonly minDuration?: number | null;
}

@InputType("BuyInput", { description: "What to buy from whom." })
export class BuyInputType {
  @Field(() => ID, {
    nullable: true,
    description: "The provider's Liqo cluster id. This or the fingerprint must be given.",
  })
  readonly clusterID?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "The provider's key fingerprint; needed where several clusters claim the same cluster id.",
  })
  readonly fingerprint?: string | null;

  @Field(() => ID, { description: "The offer." })
  readonly offerID!: string;

  @Field(() => ID, { description: "The plan of that offer." })
  readonly planID!: string;

  @Field(() => Int, { defaultValue: 1, description: "How many units of it." })
  readonly units!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When the contract ends by itself, Unix seconds. Absent: when one of the two ends it.",
  })
  readonly validUntil?: number | null;

  @Field(() => Timestamp, {
    nullable: true,
    description:
      "termsRev of the offer as you read it: other terms are refused with OFFER_CHANGED. Absent: the terms as they are.",
  })
  readonly termsRev?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "A key of your choice: the same one always gives the same contract, so that a script can repeat a request safely.",
  })
  readonly requestID?: string | null;
}
