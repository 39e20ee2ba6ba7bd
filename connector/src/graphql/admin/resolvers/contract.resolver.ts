import type { ContractRole, ContractState } from "@catalog/schema/contract";
import type { Clock } from "@catalog/server/clock";
import { unixSeconds } from "@catalog/server/clock";
import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";
import type { BuyInput } from "../../../domain/buy-input.js";
import type { Contract } from "../../../domain/contract.js";
import { pageOf } from "../../../domain/page.js";
import type { ApprovalService } from "../../../services/contracts/approval.service.js";
import type { ContractService } from "../../../services/contracts/contract.service.js";
import type { PurchaseService } from "../../../services/contracts/purchase.service.js";
import type { ForcedReleaseService } from "../../../services/peerings/forced-release.service.js";
import type { TerminationService } from "../../../services/contracts/termination.service.js";
import type { AdminContext } from "../context.js";
import { ContractRoleEnum, ContractStateEnum } from "../enums.js";
import { contractShape, stepShape } from "../shapes.js";
import { ContractStepType, ContractType } from "../types/contract.type.js";
import { BuyInputType } from "../types/inputs.js";

type ShownContract = ReturnType<typeof contractShape>;

const ID_OF_CONTRACT = { description: "Id of the contract." };

/** What an admin can do with contracts. */
export interface ContractActions {
  readonly purchases: PurchaseService;
  readonly approvals: ApprovalService;
  readonly terminations: TerminationService;
  readonly forced: ForcedReleaseService;
}

@Resolver(() => ContractType)
export class ContractResolver {
  constructor(
    private readonly contractService: ContractService,
    private readonly actions: ContractActions,
    private readonly clock: Clock,
  ) {}

  @Query(() => [ContractType], { description: "Contracts bought and sold, newest first." })
  async contracts(
    @Arg("role", () => ContractRoleEnum, {
      nullable: true,
      description: "BUYER: bought ones. SELLER: sold ones. Null: both.",
    })
    role: ContractRole | null,
    @Arg("state", () => ContractStateEnum, { nullable: true, description: "Those in this state. Null: in any." })
    state: ContractState | null,
    @Arg("peer", () => ID, { nullable: true, description: "Those with this other cluster: its key fingerprint." })
    peer: string | null,
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Id of the last one that was read." }) after: string | null,
  ): Promise<ShownContract[]> {
    const page = pageOf(first, after);
    const query = {
      first: page.first,
      ...(role && { role }),
      ...(state && { state }),
      ...(peer && { peer }),
      ...(page.after !== null && { after: page.after }),
    };
    return (await this.contractService.list(query)).map((one) => this.show(one));
  }

  @Query(() => ContractType, {
    nullable: true,
    description: "One contract. Null with the error CONTRACT_NOT_FOUND if it is not known here.",
  })
  async contract(@Arg("id", () => ID, ID_OF_CONTRACT) id: string): Promise<ShownContract> {
    return this.show(await this.contractService.get(id));
  }

  @Mutation(() => ContractType, {
    description:
      "Buy units of a plan. The decision is kept first and pursued until the provider has answered, whatever fails meanwhile. The answer comes when the contract is ACTIVE, waits for approval or is refused (REJECTED with code and message), at the latest after 5 seconds as it stands then.",
  })
  async buy(
    @Ctx() { viewer }: AdminContext,
    @Arg("input", () => BuyInputType, { description: "What to buy from whom." }) input: BuyInput,
  ): Promise<ShownContract> {
    return this.show(await this.actions.purchases.buy(input, viewer.actor));
  }

  @Mutation(() => ContractType, {
    description:
      "Grant a request that waits for you. Its units are taken from stock; if too few are left it goes on waiting and you get OUT_OF_STOCK.",
  })
  async approveContract(
    @Ctx() { viewer }: AdminContext,
    @Arg("id", () => ID, ID_OF_CONTRACT) id: string,
  ): Promise<ShownContract> {
    return this.show(await this.actions.approvals.approve(id, viewer.actor));
  }

  @Mutation(() => ContractType, { description: "Refuse a request that waits for you." })
  async rejectContract(
    @Ctx() { viewer }: AdminContext,
    @Arg("id", () => ID, ID_OF_CONTRACT) id: string,
    @Arg("reason", () => String, { nullable: true, description: "What to tell the customer." }) reason: string | null,
  ): Promise<ShownContract> {
    return this.show(await this.actions.approvals.reject(id, reason ?? null, viewer.actor));
  }

  @Mutation(() => ContractType, {
    description: "End a contract, whichever side you are. The other side is told until it has heard it.",
  })
  async terminateContract(
    @Ctx() { viewer }: AdminContext,
    @Arg("id", () => ID, ID_OF_CONTRACT) id: string,
    @Arg("reason", () => String, { nullable: true, description: "What to tell the other side." }) reason: string | null,
    @Arg("force", () => Boolean, {
      defaultValue: false,
      description: "As the provider: end it although the notice period is not kept. Both sides see that as a breach.",
    })
    force: boolean,
  ): Promise<ShownContract> {
    const how = { reason: reason ?? null, force, role: viewer.role };
    return this.show(await this.actions.terminations.terminate(id, how, viewer.actor));
  }

  @Mutation(() => ContractType, {
    description:
      "Free the stock of an ended contract by hand, where its resources do not come back: its customer is gone, or objects are stuck. Refused with RELEASE_TOO_EARLY while they may still come back by themselves. The units can then be sold again although they may still be in use: the contract is flagged, and you are warned until they are back.",
  })
  async releaseContract(
    @Ctx() { viewer }: AdminContext,
    @Arg("id", () => ID, ID_OF_CONTRACT) id: string,
    @Arg("reason", () => String, { description: "Why, for the history; 1 to 500 characters." }) reason: string,
  ): Promise<ShownContract> {
    return this.show(await this.actions.forced.release(id, reason, viewer.actor));
  }

  @Subscription(() => ContractType, {
    name: "contracts",
    description: "Each contract that has changed, as it is now.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.contracts(),
  })
  changedContract(@Root() contract: Contract): ShownContract {
    return this.show(contract);
  }

  @FieldResolver(() => [ContractStepType])
  async timeline(@Root() contract: ContractType): Promise<ContractStepType[]> {
    return (await this.contractService.timeline(contract.contractID)).map(stepShape);
  }

  private show(contract: Contract): ShownContract {
    return contractShape(contract, unixSeconds(this.clock.now()));
  }
}
