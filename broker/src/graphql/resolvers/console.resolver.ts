import {
  Arg,
  Authorized,
  ID,
  Int,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";

import type { MemberStatus } from "../../domain/member.js";
import type { Permission } from "../../domain/viewer.js";
import type { SeenEquivocation } from "../../services/console-ports.js";
import type { ConsoleService, FeedFigures, MemberView } from "../../services/console.service.js";
import { operatorsWatch, type BrokerContext } from "../context.js";
import { MemberStatusEnum } from "../enums.js";
import { FeedFiguresType, MemberType, SeenEquivocationType } from "../types/console.type.js";

const FIRST = "Longest list to answer with, 1 to 200.";

@Resolver()
export class ConsoleResolver {
  constructor(private readonly console: ConsoleService) {}

  @Authorized<Permission>("OPERATE")
  @Query(() => [MemberType], {
    description: "Every cluster that is, was or wants to be a member, by key fingerprint. For the operator.",
  })
  async members(
    @Arg("status", () => MemberStatusEnum, { nullable: true, description: "Those of this standing. Null: all." })
    status: MemberStatus | null | undefined,
    @Arg("text", () => String, { nullable: true, description: "Part of a name, cluster id or fingerprint." })
    text: string | null | undefined,
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Fingerprint of the last one that was read." })
    after: string | null | undefined,
  ): Promise<MemberType[]> {
    const selection = { status: status ?? null, text: text ?? null };
    return (await this.console.members(selection, first, after ?? null)).map(memberShape);
  }

  @Authorized<Permission>("OPERATE")
  @Query(() => FeedFiguresType, { description: "How the feed is doing, seen from this replica. For the operator." })
  feedFigures(): Promise<FeedFigures> {
    return this.console.figures();
  }

  @Authorized<Permission>("OPERATE")
  @Query(() => [SeenEquivocationType], {
    description:
      "Identities that were caught signing two different documents with the same number, newest first. For the operator.",
  })
  async equivocations(
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "equivocationID of the last one that was read." })
    after: string | null | undefined,
  ): Promise<readonly SeenEquivocation[]> {
    return this.console.equivocations(first, after ?? null);
  }

  @Authorized<Permission>("OPERATE")
  @Subscription(() => MemberType, {
    name: "members",
    description: "Each cluster whose standing, connection or offers have changed, as it is now. For the operator.",
    subscribe: (data: SubscribeResolverData<unknown, object, BrokerContext>) => operatorsWatch(data).members(),
  })
  changedMember(@Root() member: MemberView): MemberType {
    return memberShape(member);
  }

  @Authorized<Permission>("OPERATE")
  @Subscription(() => FeedFiguresType, {
    name: "feedFigures",
    description: "The figures of the feed, now and every few seconds. For the operator.",
    subscribe: (data: SubscribeResolverData<unknown, object, BrokerContext>) => operatorsWatch(data).figures(),
  })
  presentFigures(@Root() figures: FeedFigures): FeedFiguresType {
    return figures;
  }
}

function memberShape(member: MemberView): MemberType {
  return { ...member, fingerprint: member.cluster.fingerprint, connected: member.sockets > 0 };
}
