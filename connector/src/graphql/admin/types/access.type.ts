import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { PERMISSIONS, ROLES, type Permission, type Role } from "../../../domain/access.js";
import { enumOf } from "../enums.js";

export const RoleEnum = enumOf("Role", "What a person or a script is let do here.", ROLES, {
  VIEWER: "See everything but secrets; change nothing.",
  CUSTOMER: "What a viewer may, and buy: contracts bought, their peerings and what runs there.",
  PROVIDER: "What a viewer may, and sell: own offers, contracts sold.",
  ADMIN: "Everything.",
});

export const PermissionEnum = enumOf("Permission", "What an operation needs; each role has some.", PERMISSIONS, {
  VIEW: "See everything but secrets.",
  BUY: "Buy, and act on contracts bought.",
  SELL: "Sell, and act on contracts sold.",
  TRADE: "Act on contracts of either side, as far as the role goes.",
  ADMINISTER: "Change the cluster's presence, its Brokers, whom it trusts, allowances and script tokens.",
});

@ObjectType("Viewer", { description: "As whom this Connector knows the caller." })
export class ViewerType {
  @Field(() => String, {
    description: "As the activity list names it: `admin`, `script <name>`, each with ` session`.",
  })
  readonly actor!: string;

  @Field(() => RoleEnum, { description: "What it is let do." })
  readonly role!: Role;

  @Field(() => [PermissionEnum], { description: "The same in detail." })
  readonly permissions!: readonly Permission[];

  @Field(() => [String], {
    description:
      "The mutations of this API that the role allows, by name. One that acts on a contract may still be refused for the side that is not the caller's.",
  })
  readonly mutations!: readonly string[];

  @Field(() => Boolean, { description: "True if the caller signed in with a browser." })
  readonly isSession!: boolean;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When the session or token ends, Unix seconds. Null: when it is revoked.",
  })
  readonly expiresAt!: number | null;
}

@ObjectType("ScriptToken", {
  description: "A token with which a script uses this API. Its text is told once, when it is made.",
})
export class ScriptTokenType {
  @Field(() => ID, { description: "Id with which it can be revoked." })
  readonly tokenID!: string;

  @Field(() => String, { description: "Name that the activity list shows." })
  readonly name!: string;

  @Field(() => RoleEnum, { description: "What it is let do." })
  readonly role!: Role;

  @Field(() => String, {
    nullable: true,
    description: "The text to send as `Authorization: Bearer <token>`. Told once, when it is made; null later.",
  })
  readonly token?: string | null;

  @Field(() => Timestamp, { description: "When it was made, Unix seconds." })
  readonly created!: number;

  @Field(() => String, { description: "Who made it." })
  readonly createdBy!: string;

  @Field(() => Timestamp, { nullable: true, description: "When it ends, Unix seconds. Null: when it is revoked." })
  readonly expiresAt!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it was used last, to the minute, Unix seconds." })
  readonly lastUsedAt!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it was revoked, Unix seconds." })
  readonly revokedAt!: number | null;
}
