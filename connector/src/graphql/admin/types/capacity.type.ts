import type { CostPeriod } from "@catalog/schema/money";
import type { Approval, Capacity } from "@catalog/schema/offer";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { Labels, Money, ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { ApprovalEnum, CapacityEnum, CostPeriodEnum } from "../enums.js";

@ObjectType("PoolCapacity", {
  description: "How one resource stands on nodes that are alike, in Kubernetes quantities.",
})
export class PoolCapacityType {
  @Field(() => String, { description: "The pool: its name, instance type, architecture and GPU model." })
  readonly pool!: string;

  @Field(() => Labels, {
    description:
      "Its labels: node-pool, instance-type, architecture, gpu-model, region and zone as far as the nodes have them. An offer with some of the first four is made of the pools that have them too.",
  })
  readonly labels!: Readonly<Record<string, string>>;

  @Field(() => Int, { description: "How many nodes take new pods." })
  readonly nodes!: number;

  @Field(() => String, { description: "What these nodes have." })
  readonly allocatable!: string;

  @Field(() => String, { description: "What the pods on them ask for." })
  readonly used!: string;

  @Field(() => String, {
    description: "What can be sold of it: no more than the whole cluster has free. Negative where too much is taken.",
  })
  readonly free!: string;
}

@ObjectType("ResourceCapacity", { description: "How one resource stands in this cluster, in Kubernetes quantities." })
export class ResourceCapacityType {
  @Field(() => String, { description: "Kubernetes' name of it." })
  readonly resource!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "What the nodes have that take new pods: not those that are cordoned, tainted, not ready or Liqo's virtual ones. Null where nobody can tell.",
  })
  readonly allocatable!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "What the pods on them ask for, as `kubectl describe node` counts. Null where nobody can tell.",
  })
  readonly used!: string | null;

  @Field(() => String, { description: "What the own offers declare in all." })
  readonly declared!: string;

  @Field(() => String, { description: "What contracts hold." })
  readonly sold!: string;

  @Field(() => String, {
    description: "What the offers can still sell. MEASURED offers that are made of the same nodes each count in full.",
  })
  readonly left!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "What the nodes have beside your own pods and what is promised to other clusters; a customer's pods are part of what it bought. Negative where too much is taken. Null where nobody can tell.",
  })
  readonly free!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "By how much contracts hold more than the nodes have beside your own pods. Null where nobody can tell.",
  })
  readonly overcommitted!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "What would be missing if everything that DECLARED offers have left were sold. Null where nobody can tell.",
  })
  readonly overdeclared!: string | null;

  @Field(() => [PoolCapacityType], { description: "The same for nodes that are alike. Empty where nobody can tell." })
  readonly pools!: readonly PoolCapacityType[];
}

@ObjectType("CapacityPolicy", { description: "How far sales are bound to what the cluster has." })
export class CapacityPolicyType {
  @Field(() => Boolean, {
    description:
      "True: DECLARED offers too are saved and sold only as far as the cluster has the resources. MEASURED ones always are.",
  })
  readonly refuseBeyondCapacity!: boolean;

  @Field(() => Timestamp, { nullable: true, description: "When the cluster was measured last, Unix seconds." })
  readonly measuredAt!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Why what the cluster has left is not known now; nothing is sold on it then. Null if it is known.",
  })
  readonly unknownBecause!: string | null;
}

@ObjectType("SuggestedPlan", { description: "A plan that only lacks a price: the fields of PlanInput." })
export class SuggestedPlanType {
  @Field(() => ID, { description: "Names the plan within its offer." })
  readonly planID!: string;

  @Field(() => String, { description: "Name for people." })
  readonly planName!: string;

  @Field(() => Money, {
    nullable: true,
    description: "Price of an own plan that gives the same. Null: fill it in before you call saveOffer.",
  })
  readonly planCost!: number | null;

  @Field(() => String, { nullable: true, description: "Currency of your other plans. Null where there is none." })
  readonly planCostCurrency!: string | null;

  @Field(() => CostPeriodEnum, { nullable: true, description: "Period of your other plans. Null where there is none." })
  readonly planCostPeriod!: CostPeriod | null;

  @Field(() => Int, { description: "How many units fit, together with those of the other plans." })
  readonly planQuantity!: number;

  @Field(() => ResourceList, { description: "What one unit gives. It fits on one node." })
  readonly resources!: Resources;
}

@ObjectType("SuggestedOffer", {
  description:
    "An offer of what is free: but for `pool` the fields of OfferInput, ready for saveOffer once the plans have prices.",
})
export class SuggestedOfferType {
  @Field(() => String, { description: "The node pool that it is made of." })
  readonly pool!: string;

  @Field(() => ID, { description: "An id that no own offer has yet." })
  readonly offerID!: string;

  @Field(() => String, { description: "Name for people." })
  readonly offerName!: string;

  @Field(() => String, { description: "compute, memory or gpu." })
  readonly offerType!: string;

  @Field(() => String, { description: "What it is made of. Write here what customers should know." })
  readonly description!: string;

  @Field(() => [SuggestedPlanType], { description: "Small, medium and large, as far as they fit." })
  readonly plans!: readonly SuggestedPlanType[];

  @Field(() => Labels, { description: "Labels of the pool. They bind the offer to it." })
  readonly labels!: Readonly<Record<string, string>>;

  @Field(() => ApprovalEnum, { description: "Who decides on a request to buy." })
  readonly approval!: Approval;

  @Field(() => CapacityEnum, { description: "What the quantity rests on." })
  readonly capacity!: Capacity;
}

@ObjectType("OfferSuggestions", { description: "Offers that could be made of what is free." })
export class OfferSuggestionsType {
  @Field(() => [SuggestedOfferType], { description: "One for each node pool that has something to give." })
  readonly offers!: readonly SuggestedOfferType[];

  @Field(() => String, { nullable: true, description: "Why there is none. Null if there is one." })
  readonly reason!: string | null;
}
