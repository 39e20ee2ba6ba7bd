import { Field, ObjectType } from "type-graphql";

@ObjectType("Peerable", { description: "Whether this cluster's Liqo and that of the other cluster can peer." })
export class PeerableType {
  @Field(() => Boolean, { description: "False: buy is refused with LIQO_MISMATCH." })
  readonly ok!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Why they cannot or, where ok is true, what to make sure of. Null if there is nothing to say.",
  })
  readonly reason!: string | null;
}
