import type { Clock } from "@catalog/server/clock";
import { unixSeconds } from "@catalog/server/clock";
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
import type { ManifestService, PeeringAnswer, PeeringQuestion } from "../../../services/peerings/manifest.service.js";
import type { PeeringEvent } from "../../../services/peerings/peering-store.js";
import type { PeeringService, PeeringView } from "../../../services/peerings/peering.service.js";
import type { AdminContext } from "../context.js";
import { peeringShape } from "../peering-shape.js";
import { PeeringAnswerInput, PeeringEventType, PeeringQuestionType, PeeringType } from "../types/peering.type.js";

type ShownPeering = ReturnType<typeof peeringShape>;

const CONTRACT = { description: "Id of a contract." };

@Resolver(() => PeeringType)
export class PeeringResolver {
  constructor(
    private readonly peeringService: PeeringService,
    private readonly manifestService: ManifestService,
    private readonly clock: Clock,
  ) {}

  @Query(() => [PeeringType], { description: "Every peering that contracts entitle to or entitled to, newest first." })
  async peerings(): Promise<ShownPeering[]> {
    return (await this.peeringService.list()).map((view) => this.show(view));
  }

  @Query(() => PeeringType, {
    nullable: true,
    description:
      "The peering that a contract entitles to. Null with the error CONTRACT_NOT_FOUND or NOT_FOUND if there is none.",
  })
  async peering(@Arg("contractID", () => ID, CONTRACT) contractID: string): Promise<ShownPeering> {
    return this.show(await this.peeringService.ofContract(contractID));
  }

  @Mutation(() => PeeringType, {
    description: "Make the peering of an active contract that you bought, or make it again after deletePeering.",
  })
  async createPeering(
    @Ctx() { viewer }: AdminContext,
    @Arg("contractID", () => ID, CONTRACT) contractID: string,
    @Arg("network", () => Boolean, {
      defaultValue: false,
      description: "Liqo 1.x: connect the two clusters' networks too.",
    })
    network: boolean,
  ): Promise<ShownPeering> {
    return this.show(await this.peeringService.create(contractID, network, viewer.actor));
  }

  @Mutation(() => PeeringType, {
    description:
      "Take the peering of a contract that you bought down; the contract goes on and entitles to it as before.",
  })
  async deletePeering(
    @Ctx() { viewer }: AdminContext,
    @Arg("contractID", () => ID, CONTRACT) contractID: string,
  ): Promise<ShownPeering> {
    return this.show(await this.peeringService.remove(contractID, viewer.actor));
  }

  @Subscription(() => PeeringType, {
    name: "peerings",
    description: "Each peering that has changed, as it is now.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.peerings(),
  })
  changedPeering(@Root() view: PeeringView): ShownPeering {
    return this.show(view);
  }

  @FieldResolver(() => [PeeringEventType], { description: "Its history, oldest first." })
  timeline(@Root() { peeringID }: PeeringType): Promise<readonly PeeringEvent[]> {
    return this.peeringService.events(peeringID);
  }

  @Mutation(() => PeeringType, {
    description:
      "Go on with a peering by hand (LIQO_MODE=manual): give the answers to its questions, each a value that a command prints, or the whole object as kubectl prints it.",
  })
  async continuePeering(
    @Ctx() { viewer }: AdminContext,
    @Arg("contractID", () => ID, CONTRACT) contractID: string,
    @Arg("answers", () => [PeeringAnswerInput], { description: "One for each question that can be answered now." })
    answers: PeeringAnswer[],
  ): Promise<ShownPeering> {
    return this.show(await this.manifestService.resume(contractID, answers, viewer.actor));
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Kubernetes manifests (YAML) that make this half of the peering by hand, where no driver does it. They may contain a secret. Null where there is nothing to apply (yet).",
  })
  async manifests(@Root() { peeringID }: PeeringType): Promise<string | null> {
    return (await this.manifestService.byHand(peeringID)).manifests;
  }

  @FieldResolver(() => [PeeringQuestionType], {
    description:
      "What is needed from the cluster to go on by hand; give it to continuePeering. Empty where a driver does it.",
  })
  async questions(@Root() { peeringID }: PeeringType): Promise<readonly PeeringQuestion[]> {
    return (await this.manifestService.byHand(peeringID)).questions;
  }

  private show(view: PeeringView): ShownPeering {
    return peeringShape(view, unixSeconds(this.clock.now()));
  }
}
