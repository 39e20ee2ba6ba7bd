import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";
import type { NamespaceMapping, Offloading, PodStrategy } from "../../../domain/offloading.js";
import type { OffloadingChange, OffloadingService } from "../../../services/offloading/offloading.service.js";
import type { RehearsalService } from "../../../services/offloading/rehearsal.service.js";
import type { AdminContext } from "../context.js";
import { NamespaceMappingEnum, PodStrategyEnum } from "../offloading-enums.js";
import { rehearsalShape } from "../offloading-shape.js";
import { ContractType } from "../types/contract.type.js";
import { OffloadingChangeType, OffloadingType } from "../types/offloading.type.js";
import { EndRehearsalType } from "../types/rehearsal.type.js";

const CONTRACT = { description: "Id of a contract." };
const NAMESPACE = { description: "Name of a namespace of this cluster." };

@Resolver(() => OffloadingType)
export class OffloadingResolver {
  constructor(
    private readonly offloadingService: OffloadingService,
    private readonly rehearsals: RehearsalService,
  ) {}

  @Query(() => [OffloadingType], { description: "The namespaces that are offloaded, by name." })
  offloadings(
    @Arg("contractID", () => ID, { nullable: true, description: "Those of this contract only. Null: all." })
    contractID: string | null,
  ): Promise<readonly Offloading[]> {
    return this.offloadingService.list(contractID ?? undefined);
  }

  @Query(() => EndRehearsalType, {
    description:
      "What would be left or lost if the contract ended now. Ask it before terminateContract. Error FORBIDDEN, with what to do, where the Connector may not look.",
  })
  async rehearseEnd(@Arg("contractID", () => ID, CONTRACT) contractID: string): Promise<EndRehearsalType> {
    return rehearsalShape(await this.rehearsals.rehearse(contractID));
  }

  @Mutation(() => OffloadingType, {
    description:
      "Let the pods of a namespace run on what a contract that you bought gives. Only pods that are made afterwards are placed there: those that exist are not moved. Called again for the same contract it changes the strategy. Errors: NAMESPACE_NOT_FOUND, NAMESPACE_REFUSED, OFFLOADING_CONFLICT, CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID.",
  })
  offloadNamespace(
    @Ctx() { viewer }: AdminContext,
    @Arg("contractID", () => ID, CONTRACT) contractID: string,
    @Arg("namespace", () => String, NAMESPACE) namespace: string,
    @Arg("strategy", () => PodStrategyEnum, { defaultValue: "LOCAL_AND_REMOTE", description: "Where its pods run." })
    strategy: PodStrategy,
    @Arg("mapping", () => NamespaceMappingEnum, {
      defaultValue: "DEFAULT_NAME",
      description: "How the namespace is called at the provider.",
    })
    mapping: NamespaceMapping,
    @Arg("remoteNamespace", () => String, { nullable: true, description: "Its name there, with SELECTED_NAME." })
    remoteNamespace: string | null,
  ): Promise<Offloading> {
    const input = { contractID, namespace, strategy, mapping, remoteNamespace: remoteNamespace ?? null };
    return this.offloadingService.offload(input, viewer.actor);
  }

  @Mutation(() => OffloadingType, {
    description:
      "Take a namespace back from a contract. If it was the only one, Liqo removes the namespace at the provider with everything in it: rehearseEnd lists what that is. Error OFFLOADING_NOT_FOUND if it was not offloaded through that contract.",
  })
  stopOffloading(
    @Ctx() { viewer }: AdminContext,
    @Arg("contractID", () => ID, CONTRACT) contractID: string,
    @Arg("namespace", () => String, NAMESPACE) namespace: string,
  ): Promise<Offloading> {
    return this.offloadingService.stop(contractID, namespace, viewer.actor);
  }

  @Subscription(() => OffloadingChangeType, {
    name: "offloadings",
    description: "Each offloading that has changed, as it is now.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.offloadings(),
  })
  changedOffloading(@Root() change: OffloadingChange): OffloadingChange {
    return change;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Kubernetes manifests (YAML) for the namespace with all its contracts, where no driver applies them (LIQO_MODE=manual). Null otherwise, and where nothing is to be applied.",
  })
  async manifests(@Root() { namespace }: OffloadingType): Promise<string | null> {
    return (await this.offloadingService.byHand(namespace))?.manifests ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The same as one liqoctl command, also to take it back. Null where a driver does it.",
  })
  async command(@Root() { namespace }: OffloadingType): Promise<string | null> {
    return (await this.offloadingService.byHand(namespace))?.command ?? null;
  }
}

@Resolver(() => ContractType)
export class OffloadedContractResolver {
  constructor(private readonly offloadingService: OffloadingService) {}

  @FieldResolver(() => [OffloadingType], { description: "The namespaces whose pods may run on it." })
  offloadings(@Root() { contractID }: ContractType): Promise<readonly Offloading[]> {
    return this.offloadingService.list(contractID);
  }
}
