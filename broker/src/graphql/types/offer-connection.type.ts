import type { CostPeriod } from "@catalog/schema/money";
import type { OfferFilter } from "@catalog/schema/offer-filter";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Labels, Money, ResourceList } from "@catalog/server/graphql/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";

import { CostPeriodEnum } from "../enums.js";
import { OfferType } from "./offer.type.js";

@ObjectType("PageInfo", { description: "How to go on reading a list." })
export class PageInfoType {
  @Field(() => Boolean, { description: "True if more follow." })
  readonly hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: "Give it as `after` to read on. Null on an empty page." })
  readonly endCursor!: string | null;
}

@ObjectType("OfferEdge", { description: "An offer and its place in the list." })
export class OfferEdgeType {
  @Field(() => String, { description: "Opaque place of this offer in this list." })
  readonly cursor!: string;

  @Field(() => OfferType, { description: "The offer." })
  readonly node!: OfferType;
}

@ObjectType("OfferConnection", { description: "One page of a list of offers." })
export class OfferConnectionType {
  @Field(() => [OfferEdgeType], { description: "Offers with their places." })
  readonly edges!: readonly OfferEdgeType[];

  @Field(() => [OfferType], { description: "The offers alone." })
  readonly nodes!: readonly OfferType[];

  @Field(() => PageInfoType, { description: "How to go on." })
  readonly pageInfo!: PageInfoType;

  @Field(() => Int, { description: "How many offers fit the filter in all." })
  readonly totalCount!: number;

  readonly filter!: OfferFilter;
}

@InputType("MaxCostInput", {
  description: "A bound of a price, compared exactly after both are brought to one month.",
})
export class MaxCostInput {
  @Field(() => Money, { description: "The amount." })
  readonly amount!: number;

  @Field(() => String, {
    description: "Currency, ISO 4217. Plans in other currencies do not match; nothing is converted.",
  })
  readonly currency!: string;

  @Field(() => CostPeriodEnum, { description: "The period that the amount pays for." })
  readonly period!: CostPeriod;
}

@InputType("LabelValuesInput", { description: "A label with the values that will do." })
export class LabelValuesInput {
  @Field(() => String, { description: "Key of the label." })
  readonly label!: string;

  @Field(() => [String], { description: "The label must have one of these values; 1 to 50." })
  readonly values!: string[];
}

@InputType("OfferFilter", {
  description:
    "What offers must fulfil; every given condition counts. Conditions on plans (currency, minCost, maxCost, minResources, onlyAvailable) must be met together by one plan.",
})
export class OfferFilterInput implements OfferFilter {
  @Field(() => String, {
    nullable: true,
    description:
      "Words that must all occur in names, type, description, plan names or labels of the offer or its cluster, in any case.",
  })
  readonly text?: string | null;

  @Field(() => String, { nullable: true, description: "The exact offerType." })
  readonly offerType?: string | null;

  @Field(() => [ID], { nullable: true, description: "Cluster ids of providers, one of which it must be." })
  readonly clusterIDs?: string[] | null;

  @Field(() => Labels, { nullable: true, description: "Labels that the offer must carry with exactly these values." })
  readonly labels?: Readonly<Record<string, string>> | null;

  @Field(() => [LabelValuesInput], {
    nullable: true,
    description: "Labels that the offer must each carry with one of the values named.",
  })
  readonly labelValues?: LabelValuesInput[] | null;

  @Field(() => String, { nullable: true, description: "Currency of the price, ISO 4217." })
  readonly currency?: string | null;

  @Field(() => MaxCostInput, { nullable: true, description: "The most that one unit may cost." })
  readonly maxCost?: MaxCostInput | null;

  @Field(() => MaxCostInput, { nullable: true, description: "The least that one unit may cost." })
  readonly minCost?: MaxCostInput | null;

  @Field(() => ResourceList, { nullable: true, description: "What one unit must give at least." })
  readonly minResources?: Resources | null;

  @Field(() => Boolean, { nullable: true, description: "True: only offers on sale with a unit left." })
  readonly onlyAvailable?: boolean | null;
}
