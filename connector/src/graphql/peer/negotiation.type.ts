import { CONTRACT_STATES, type ContractState } from "@catalog/schema/contract";
import type { Negotiation } from "@catalog/schema/operations";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";

const MEANINGS: Readonly<Record<ContractState, string>> = {
  REQUESTED: "The customer has decided to buy; the provider has not answered yet.",
  PENDING_APPROVAL: "Waits for the approval of the provider's admin; holds nothing.",
  RESERVED: "Units are held and the terms are frozen; the customer has to confirm in time.",
  CONFIRMING: "The customer has signed the terms; the provider has not answered yet.",
  CONFIRMED: "Both have signed; the customer has to activate in time.",
  ACTIVE: "In force.",
  REJECTED: "The provider does not sell; code and message say why.",
  EXPIRED: "A deadline or the agreed end has passed.",
  TERMINATED: "One side has ended it with a signed notice.",
  RENEWED: "Another contract has taken its place.",
};

const StateEnum = Object.fromEntries(CONTRACT_STATES.map((state) => [state, state])) as Record<
  ContractState,
  ContractState
>;
registerEnumType(StateEnum, {
  name: "ContractState",
  description: "Where a contract stands.",
  valuesConfig: Object.fromEntries(CONTRACT_STATES.map((state) => [state, { description: MEANINGS[state] }])) as Record<
    ContractState,
    { description: string }
  >,
});

@ObjectType("Negotiation", {
  description: "One party's whole view of a contract. Documents are null until they exist.",
})
export class NegotiationType implements Negotiation {
  @Field(() => ID, { description: "The customer's id of the contract, a UUID." })
  readonly contractID!: string;

  @Field(() => StateEnum, { description: "Where the contract stands." })
  readonly state!: ContractState;

  @Field(() => Timestamp, {
    description: "Rises with every change of the contract; an answer with a lower one is outdated.",
  })
  readonly version!: number;

  @Field(() => String, {
    description:
      "The life of the provider's database, compared as text. A higher one means that the database was restored.",
  })
  readonly incarnation!: string;

  @Field(() => String, { nullable: true, description: "Why it was refused or ended, as one of the error codes." })
  readonly code!: string | null;

  @Field(() => String, { nullable: true, description: "The same for people." })
  readonly message!: string | null;

  @Field(() => Timestamp, { nullable: true, description: "Until when the units are held, on the provider's clock." })
  readonly reservedUntil!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "The terms, signed by the provider (compact JWS); from RESERVED on.",
  })
  readonly terms!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The contract with both signatures (General JWS); from CONFIRMED on.",
  })
  readonly contract!: string | null;

  @Field(() => String, { nullable: true, description: "The provider's activation (compact JWS); from ACTIVE on." })
  readonly activation!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "What Liqo needs to reach the provider, encrypted to the customer (JWE); while ACTIVE, null where there is none.",
  })
  readonly peering!: string | null;

  @Field(() => String, { nullable: true, description: "The signed notice that ended the contract (compact JWS)." })
  readonly notice!: string | null;

  @Field(() => Timestamp, { nullable: true, description: "The agreed end; null where there is none." })
  readonly validUntil!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When the units of an ended contract could be sold again." })
  readonly releasedAt!: number | null;
}
