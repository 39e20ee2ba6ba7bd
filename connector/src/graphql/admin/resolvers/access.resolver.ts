import { Timestamp } from "@catalog/server/graphql/scalars";
import {
  Arg,
  Ctx,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";
import { permissionsOf, type Role } from "../../../domain/access.js";
import type { ScriptToken } from "../../../domain/script-token.js";
import type { ScriptTokenService } from "../../../services/access/script-token.service.js";
import type { AdminContext } from "../context.js";
import { mutationsOf } from "../permissions.js";
import { RoleEnum, ScriptTokenType, ViewerType } from "../types/access.type.js";

@Resolver()
export class AccessResolver {
  constructor(private readonly tokens: ScriptTokenService) {}

  @Query(() => ViewerType, { description: "As whom this Connector knows the caller, and what that allows." })
  viewer(@Ctx() { viewer }: AdminContext): ViewerType {
    const { actor, role, isSession, expiresAt } = viewer;
    return { actor, role, isSession, expiresAt, permissions: permissionsOf(role), mutations: mutationsOf(role) };
  }

  @Query(() => [ScriptTokenType], { description: "Script tokens that were made, newest first, without their text." })
  scriptTokens(
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "tokenID of the last one that was read." })
    after: string | null,
  ): Promise<readonly ScriptTokenType[]> {
    return this.tokens.list(first, after ?? null);
  }

  @Mutation(() => ScriptTokenType, {
    description: "Make a token for a script. Copy its text now: it is not told again.",
  })
  createScriptToken(
    @Ctx() { viewer }: AdminContext,
    @Arg("name", () => String, { description: "What it is for, 1 to 64 characters; the activity list names it so." })
    name: string,
    @Arg("role", () => RoleEnum, { description: "What it is let do." }) role: Role,
    @Arg("expiresAt", () => Timestamp, {
      nullable: true,
      description: "When it ends, Unix seconds. Null: when it is revoked.",
    })
    expiresAt: number | null,
  ): Promise<ScriptTokenType> {
    return this.tokens.create({ name, role, expiresAt: expiresAt ?? null }, viewer.actor);
  }

  @Mutation(() => ScriptTokenType, {
    description: "End a script token, with its connections and the sessions that were begun with it.",
  })
  revokeScriptToken(
    @Ctx() { viewer }: AdminContext,
    @Arg("tokenID", () => ID, { description: "Its id." }) tokenID: string,
  ): Promise<ScriptTokenType> {
    return this.tokens.revoke(tokenID, viewer.actor);
  }

  @Subscription(() => ScriptTokenType, {
    name: "scriptTokens",
    description: "Each script token that was made or revoked, without its text.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.scriptTokens(),
  })
  changedToken(@Root() token: ScriptToken): ScriptTokenType {
    return token;
  }
}
