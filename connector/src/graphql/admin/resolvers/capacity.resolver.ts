import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver } from "type-graphql";
import type { CapacityPolicy, CapacityService, ResourceCapacity } from "../../../services/cluster/capacity.service.js";
import type { OfferSuggestions } from "../../../domain/suggest-offers.js";
import type { AdminContext } from "../context.js";
import { CapacityPolicyType, OfferSuggestionsType, ResourceCapacityType } from "../types/capacity.type.js";
import { ConnectorType } from "../types/connector.type.js";

/** Tells the version of Kubernetes; null where no cluster is looked at or it does not answer. */
export type KubernetesVersion = () => Promise<string | null>;

@Resolver(() => ConnectorType)
export class CapacityResolver {
  constructor(
    private readonly capacities: CapacityService,
    private readonly version: KubernetesVersion,
  ) {}

  @Query(() => [ResourceCapacityType], {
    description: "What this cluster has, uses, offers and has sold, per resource and node pool.",
  })
  async capacity(): Promise<readonly ResourceCapacity[]> {
    return this.capacities.capacity();
  }

  @Query(() => CapacityPolicyType, { description: "How far sales are bound to what the cluster has." })
  capacityPolicy(): Promise<CapacityPolicy> {
    return this.capacities.policy();
  }

  @Mutation(() => CapacityPolicyType, {
    description:
      "Say whether DECLARED offers may promise more than the cluster has. What was sold stays sold, and offers that promise too much stay listed; with true nothing more of them is sold than fits.",
  })
  setCapacityPolicy(
    @Ctx() { viewer }: AdminContext,
    @Arg("refuseBeyondCapacity", () => Boolean, { description: "True: nothing beyond what the cluster has." })
    refuseBeyondCapacity: boolean,
  ): Promise<CapacityPolicy> {
    return this.capacities.setPolicy(refuseBeyondCapacity, viewer.actor);
  }

  @FieldResolver(() => OfferSuggestionsType, {
    description: "Complete offers made of what is free now, for saveOffer once you have put prices to them.",
  })
  suggestOffers(): Promise<OfferSuggestions> {
    return this.capacities.suggest();
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Version of Kubernetes, such as v1.34.4. Null where no cluster is looked at or it does not answer.",
  })
  kubernetesVersion(): Promise<string | null> {
    return this.version();
  }
}
