import type { CatalogOffer } from "@catalog/schema/catalog";
import type { CostPeriod } from "@catalog/schema/money";
import type { Approval, Capacity, Plan } from "@catalog/schema/offer";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Labels, Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";

import { ApprovalEnum, CapacityEnum, CostPeriodEnum } from "../enums.js";

@ObjectType("Plan", { description: "A price for a bundle of resources, and how many of that bundle exist." })
export class PlanType implements Plan {
  @Field(() => ID, { description: "Id of the plan, unique within its offer." })
  readonly planID!: string;

  @Field(() => String, { description: "Name that the provider gave it." })
  readonly planName!: string;

  @Field(() => Money, { description: "Price of one unit for one period." })
  readonly planCost!: number;

  @Field(() => String, { description: "Currency of the price, ISO 4217." })
  readonly planCostCurrency!: string;

  @Field(() => CostPeriodEnum, { description: "The period that the price pays for." })
  readonly planCostPeriod!: CostPeriod;

  @Field(() => Int, { description: "How many units of the plan exist, sold ones included." })
  readonly planQuantity!: number;

  @Field(() => Int, { description: "How many units are left, as the provider last said." })
  readonly available!: number;

  @Field(() => ResourceList, { description: "What one unit gives." })
  readonly resources!: Resources;
}

@ObjectType("Offer", {
  description: "Something that a provider sells. All of it but staleSince is signed by the provider.",
})
export class OfferType implements CatalogOffer {
  @Field(() => ID, { description: "Id of the offer, unique within its cluster." })
  readonly offerID!: string;

  @Field(() => String, { description: "Name that the provider gave it." })
  readonly offerName!: string;

  @Field(() => String, { description: "Kind of offer in the provider's words, such as compute or gpu." })
  readonly offerType!: string;

  @Field(() => String, {
    description: "What the provider says about it. Plain text from a stranger: never render it as HTML.",
  })
  readonly description!: string;

  @Field(() => String, { description: "Name of the provider for people." })
  readonly clusterPrettyName!: string;

  @Field(() => Timestamp, { description: "When the offer was made, Unix seconds." })
  readonly created!: number;

  @Field(() => Boolean, { description: "True if it is on sale, false if the provider has paused it." })
  readonly status!: boolean;

  @Field(() => [PlanType], { description: "Its plans, at most 50." })
  readonly plans!: readonly Plan[];

  @Field(() => Labels, { description: "Free labels of the provider: region, GPU model, certifications." })
  readonly labels!: Readonly<Record<string, string>>;

  @Field(() => ApprovalEnum, { description: "How the provider answers a request to buy." })
  readonly approval!: Approval;

  @Field(() => CapacityEnum, { description: "What the offered capacity rests on." })
  readonly capacity!: Capacity;

  @Field(() => Int, {
    nullable: true,
    description: "How long before the end the provider has to say so, seconds. Null: not at all.",
  })
  readonly noticePeriod!: number | null;

  @Field(() => Int, { nullable: true, description: "The shortest contract that is sold, seconds. Null: any." })
  readonly minDuration!: number | null;

  @Field(() => ID, { description: "Key fingerprint of the provider: its identity." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Liqo's cluster id of the provider." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's cluster name of the provider." })
  readonly clusterName!: string;

  @Field(() => Timestamp, { description: "Number of this version of the offer; rises with any change." })
  readonly rev!: number;

  @Field(() => Timestamp, { description: "Number of the terms; rises only when what is sold changes." })
  readonly termsRev!: number;

  @Field(() => Timestamp, {
    nullable: true,
    description: "Since when the provider has not been connected, Unix seconds. Null while it is.",
  })
  readonly staleSince!: number | null;

  @Field(() => String, { description: "The signed offer, byte for byte, for verification." })
  readonly jws!: string;

  readonly stock!: Readonly<Record<string, number>>;
}
