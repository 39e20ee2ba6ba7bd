import { Field, Int, ObjectType } from "type-graphql";

@ObjectType("FacetValue", { description: "A value and how many offers have it." })
export class FacetValueType {
  @Field(() => String, { description: "The value. Labels and types are plain text that somebody else wrote." })
  readonly value!: string;

  @Field(() => Int, { description: "How many offers have it." })
  readonly count!: number;
}

@ObjectType("LabelFacet", { description: "A label with its values." })
export class LabelFacetType {
  @Field(() => String, { description: "Key of the label." })
  readonly label!: string;

  @Field(() => [FacetValueType], { description: "Its values, the most frequent first, at most 50." })
  readonly values!: readonly FacetValueType[];
}

@ObjectType("OfferFacets", { description: "By what the offers that fit a filter can be told apart." })
export class OfferFacetsType {
  @Field(() => Int, { description: "How many offers fit." })
  readonly total!: number;

  @Field(() => [FacetValueType], { description: "Values of offerType, the most frequent first, at most 50." })
  readonly types!: readonly FacetValueType[];

  @Field(() => [FacetValueType], { description: "Currencies of plans." })
  readonly currencies!: readonly FacetValueType[];

  @Field(() => [FacetValueType], { description: "Kubernetes' names of what plans give, such as nvidia.com/gpu." })
  readonly resources!: readonly FacetValueType[];

  @Field(() => [LabelFacetType], {
    description: "Labels such as region or GPU model, the most used first, at most 20.",
  })
  readonly labels!: readonly LabelFacetType[];
}
