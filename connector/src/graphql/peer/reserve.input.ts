import type { BuyerInput, ReserveInput } from "@catalog/schema/operations";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType("LiqoInput", { description: "The Liqo of the customer's cluster." })
class LiqoInputType {
  @Field(() => String, { description: "How its Connector works with Liqo: manual, v0.8, v0.9 or v1." })
  readonly mode!: string;

  @Field(() => String, { nullable: true, description: "Version of Liqo, where it is known." })
  readonly version!: string | null;

  @Field(() => String, { nullable: true, description: "Public key of its Liqo (1.x), PEM." })
  readonly publicKey!: string | null;
}

@InputType("BuyerInput", {
  description: "What the customer says of itself. Its fingerprint comes from the request proof.",
})
class BuyerInputType implements BuyerInput {
  @Field(() => ID, { description: "Liqo's id of the customer's cluster: the grant goes to it." })
  readonly clusterID!: string;

  @Field(() => String, { description: "Liqo's name of the customer's cluster." })
  readonly clusterName!: string;

  @Field(() => String, { description: "The customer's name for people." })
  readonly prettyName!: string;

  @Field(() => String, { description: "Where the customer's Connector is told of an end of the contract." })
  readonly contractEndpoint!: string;

  @Field(() => String, { description: "JSON text of the customer's public X25519 key (JWK)." })
  readonly encKey!: string;

  @Field(() => LiqoInputType, { description: "The Liqo of the customer's cluster." })
  readonly liqo!: LiqoInputType;
}

@InputType("ReserveInput", { description: "A request to buy. A retry must repeat it unchanged." })
export class ReserveInputType implements ReserveInput {
  @Field(() => ID, { description: "A new UUID in lower case, chosen by the customer, the same in every retry." })
  readonly contractID!: string;

  @Field(() => ID, { description: "The offer to buy from." })
  readonly offerID!: string;

  @Field(() => ID, { description: "The plan to buy." })
  readonly planID!: string;

  @Field(() => Int, { description: "How many units of the plan." })
  readonly units!: number;

  @Field(() => Timestamp, { description: "termsRev of the offer that the customer has seen." })
  readonly termsRev!: number;

  @Field(() => Timestamp, { nullable: true, description: "When the contract is to end; null: when one side ends it." })
  readonly validUntil!: number | null;

  @Field(() => ID, { nullable: true, description: "The contract that is to be renewed." })
  readonly renews!: string | null;

  @Field(() => BuyerInputType, { description: "The customer." })
  readonly buyer!: BuyerInputType;
}
