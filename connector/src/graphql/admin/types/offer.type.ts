import type { CostPeriod } from "@catalog/schema/money";
import type { Approval, Capacity } from "@catalog/schema/offer";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Labels, Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { ApprovalEnum, CapacityEnum, CostPeriodEnum } from "../enums.js";

/** What every plan says, wherever it stands. */
@ObjectType("PlanTerms")
export class PlanTermsType {
  @Field(() => ID, { description: "Names the plan within its offer." })
  readonly planID!: string;

  @Field(() => String, { description: "Name for people." })
  readonly planName!: string;

  @Field(() => Money, { description: "Price of one unit for one period." })
  readonly planCost!: number;

  @Field(() => String, { description: "Currency of the price, ISO 4217." })
  readonly planCostCurrency!: string;

  @Field(() => CostPeriodEnum, { description: "The period that the price pays for." })
  readonly planCostPeriod!: CostPeriod;

  @Field(() => Int, { description: "How many units exist, sold ones included." })
  readonly planQuantity!: number;

  @Field(() => ResourceList, { description: "What one unit gives." })
  readonly resources!: Resources;
}

@ObjectType("Plan", { description: "A price for a bundle of resources, and how many of it there are." })
export class PlanType extends PlanTermsType {
  @Field(() => Int, { description: "How many units are left, as the provider said last." })
  readonly available!: number;
}

@ObjectType("MyPlan", { description: "A plan of an offer of this cluster, with its stock." })
export class MyPlanType extends PlanTermsType {
  @Field(() => Int, { description: "How many units are left to sell." })
  readonly available!: number;

  @Field(() => Int, { description: "How many units contracts hold." })
  readonly held!: number;

  @Field(() => Int, {
    description:
      "How many of the held units do not exist any more, because the quantity was lowered below what had been sold. Nothing is sold until this is 0.",
  })
  readonly overcommitted!: number;
}

/** What every offer says, wherever it stands. */
@ObjectType("OfferTerms")
export class OfferTermsType {
  @Field(() => ID, { description: "Names the offer within its cluster." })
  readonly offerID!: string;

  @Field(() => String, { description: "Name for people." })
  readonly offerName!: string;

  @Field(() => String, { description: "Kind of offer in the provider's words, such as compute, gpu or storage." })
  readonly offerType!: string;

  @Field(() => String, {
    description: "What the provider says about it. Plain text that somebody else wrote: never show it as HTML.",
  })
  readonly description!: string;

  @Field(() => String, { description: "The provider's name for people." })
  readonly clusterPrettyName!: string;

  @Field(() => Timestamp, { description: "When the offer was made, Unix seconds." })
  readonly created!: number;

  @Field(() => Boolean, { description: "True while it is on sale, false while the provider has paused it." })
  readonly status!: boolean;

  @Field(() => Labels, { description: "The provider's labels: region, GPU model, certifications." })
  readonly labels!: Readonly<Record<string, string>>;

  @Field(() => ApprovalEnum, { description: "Who decides on a request to buy." })
  readonly approval!: Approval;

  @Field(() => CapacityEnum, { description: "What the quantity rests on." })
  readonly capacity!: Capacity;

  @Field(() => Int, {
    nullable: true,
    description: "How long before the end of a contract the provider has to give notice, in seconds.",
  })
  readonly noticePeriod!: number | null;

  @Field(() => Int, { nullable: true, description: "The shortest contract that is sold, in seconds." })
  readonly minDuration!: number | null;
}

@ObjectType("Offer", { description: "Something that another cluster sells, as its Connector signed it." })
export class OfferType extends OfferTermsType {
  @Field(() => [PlanType], { description: "Its plans, at most 50." })
  readonly plans!: readonly PlanType[];

  @Field(() => ID, { description: "The provider's key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "The provider's Liqo cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { description: "The provider's Liqo cluster name." })
  readonly clusterName!: string;

  @Field(() => Timestamp, { description: "Number of this document; rises with every change, of the stock too." })
  readonly rev!: number;

  @Field(() => Timestamp, { description: "Number of the document in which the terms changed last." })
  readonly termsRev!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description:
      "Since when no Broker has seen the provider alive, Unix seconds. Null while one does. Show such an offer greyed.",
  })
  readonly staleSince!: number | null;

  @Field(() => String, { description: "The signed document, byte for byte, for verification." })
  readonly jws!: string;
}

@ObjectType("MyOffer", { description: "Something that this cluster sells, with the stock of its plans." })
export class MyOfferType extends OfferTermsType {
  @Field(() => [MyPlanType], { description: "Its plans." })
  readonly plans!: readonly MyPlanType[];

  @Field(() => Timestamp, { description: "Number of the newest document; rises with every change, of the stock too." })
  readonly rev!: number;

  @Field(() => Timestamp, { description: "Number of the document in which the terms changed last." })
  readonly termsRev!: number;

  @Field(() => Boolean, {
    description: "True once it has been withdrawn: no Broker lists it any more, running contracts keep their terms.",
  })
  readonly withdrawn!: boolean;

  @Field(() => Boolean, {
    description: "True if a declaration (DECLARATIONS) made it: it is changed there, not through this API.",
  })
  readonly declared!: boolean;

  @Field(() => String, {
    description: "The signed document, byte for byte: the offer, or after a withdrawal the withdrawal.",
  })
  readonly jws!: string;
}
