import { Arg, Ctx, ID, Mutation, Resolver } from "type-graphql";
import type { PeeringTurns } from "../../services/peerings/peering-turn.js";
import { callerOf, type PeerContext } from "./peer-context.js";

/** What a customer's driver asks the provider's. */
@Resolver()
export class PeeringResolver {
  constructor(private readonly turns: PeeringTurns) {}

  @Mutation(() => String, {
    description:
      "Hand a message about the peering of an active contract to the provider's driver, and get its answer; JSON text both ways. Repeated, it is answered again.",
  })
  async exchangePeering(
    @Ctx() context: PeerContext,
    @Arg("contractID", () => ID, { description: "The contract that entitles to the peering." }) contractID: string,
    @Arg("message", () => String, { description: "A JSON object with a type, at most 32 KiB." }) message: string,
  ): Promise<string> {
    return this.turns.answer(callerOf(context), contractID, message);
  }
}
