import type { Negotiation } from "@catalog/schema/operations";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import type { ClusterService } from "../../services/cluster/cluster.service.js";
import type { SaleClosingService } from "../../services/contracts/sale-closing.service.js";
import type { SaleService } from "../../services/contracts/sale.service.js";
import type { TerminationService } from "../../services/contracts/termination.service.js";
import { NegotiationType } from "./negotiation.type.js";
import { callerOf, type PeerContext } from "./peer-context.js";
import { ReserveInputType } from "./reserve.input.js";

/** What other Connectors ask this one. */
@Resolver()
export class NegotiationResolver {
  constructor(
    private readonly cluster: ClusterService,
    private readonly sales: SaleService,
    private readonly closings: SaleClosingService,
    private readonly terminations: TerminationService,
  ) {}

  @Query(() => String, { description: "The signed descriptor of this cluster. Open to anybody." })
  descriptor(): Promise<string> {
    return this.cluster.descriptor();
  }

  @Query(() => [NegotiationType], {
    description: "The contracts that the caller bought here and that have changed, the oldest change first.",
  })
  negotiations(
    @Ctx() context: PeerContext,
    @Arg("since", () => Timestamp, { nullable: true, description: "Only contracts with a higher version." })
    since: number | null,
    @Arg("first", () => Int, { defaultValue: 100, description: "How many at most, up to 100." }) first: number,
  ): Promise<readonly Negotiation[]> {
    return this.sales.negotiations(callerOf(context), since ?? null, first);
  }

  @Mutation(() => NegotiationType, {
    description: "Reserve units of a plan. Repeated, it tells how the contract stands.",
  })
  async reserve(
    @Ctx() context: PeerContext,
    @Arg("input", () => ReserveInputType, { description: "What is to be bought, and by whom." })
    input: ReserveInputType,
  ): Promise<Negotiation> {
    return this.sales.reserve(callerOf(context), input);
  }

  @Mutation(() => NegotiationType, {
    description: "Add the customer's signature to the frozen terms. Repeated, it tells how the contract stands.",
  })
  async confirm(
    @Ctx() context: PeerContext,
    @Arg("contractID", () => ID, { description: "The contract." }) contractID: string,
    @Arg("termsHash", () => String, { description: "Base64url SHA-256 of the payload of the terms." })
    termsHash: string,
    @Arg("protected", () => String, { description: "Protected header of the customer's signature." })
    protectedHeader: string,
    @Arg("signature", () => String, { description: "The customer's signature." }) signature: string,
  ): Promise<Negotiation> {
    return this.closings.confirm(callerOf(context), { contractID, termsHash, protected: protectedHeader, signature });
  }

  @Mutation(() => NegotiationType, {
    description: "Hand over the receipt, which makes the contract active. Repeated, it tells how the contract stands.",
  })
  async activate(
    @Ctx() context: PeerContext,
    @Arg("contractID", () => ID, { description: "The contract." }) contractID: string,
    @Arg("termsHash", () => String, { description: "Base64url SHA-256 of the payload of the terms." })
    termsHash: string,
    @Arg("receipt", () => String, { description: "The customer's receipt for the co-signed contract (compact JWS)." })
    receipt: string,
  ): Promise<Negotiation> {
    return this.closings.activate(callerOf(context), { contractID, termsHash, receipt });
  }

  @Mutation(() => NegotiationType, {
    description: "End a contract with a signed notice; for both sides. An unknown id stays ended for ever.",
  })
  async terminate(
    @Ctx() context: PeerContext,
    @Arg("contractID", () => ID, { description: "The contract." }) contractID: string,
    @Arg("notice", () => String, { description: "The caller's notice (compact JWS)." }) notice: string,
  ): Promise<Negotiation> {
    return this.terminations.terminatedByPeer(callerOf(context), { contractID, notice });
  }
}
