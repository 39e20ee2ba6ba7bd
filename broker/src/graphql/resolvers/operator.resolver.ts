import { Timestamp } from "@catalog/server/graphql/scalars";
import {
  Arg,
  Authorized,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";

import type { JoinToken } from "../../domain/join-token.js";
import type { EnrolmentMode } from "../../domain/member.js";
import type { ReadToken } from "../../domain/read-token.js";
import type { Permission } from "../../domain/viewer.js";
import type { CatalogService, ListedCluster } from "../../services/catalog.service.js";
import type { EnrolmentService } from "../../services/enrolment.service.js";
import type { MemberService } from "../../services/member.service.js";
import type { ResynchroniseService } from "../../services/resynchronise.service.js";
import type { TokenService } from "../../services/token.service.js";
import { operatorsWatch, type BrokerContext } from "../context.js";
import { EnrolmentModeEnum } from "../enums.js";
import { JoinStringType, ReadTokenType } from "../types/broker.type.js";
import { ClusterType } from "../types/cluster.type.js";

const FIRST = "Longest list to answer with, 1 to 200.";
const FINGERPRINT = "Key fingerprint of the cluster.";

@Resolver()
export class ClusterAdmissionResolver {
  constructor(
    private readonly members: MemberService,
    private readonly catalogs: CatalogService,
    private readonly enrolment: EnrolmentService,
    private readonly resynchronisation: ResynchroniseService,
  ) {}

  @Authorized<Permission>("OPERATE")
  @Mutation(() => ClusterType, { description: "Make a waiting or revoked cluster a member. For the operator." })
  async approveCluster(
    @Arg("fingerprint", () => ID, { description: FINGERPRINT }) fingerprint: string,
  ): Promise<ListedCluster> {
    await this.members.approve(fingerprint);
    return this.catalogs.cluster(fingerprint);
  }

  @Authorized<Permission>("OPERATE")
  @Mutation(() => ClusterType, {
    description:
      "Shut a cluster out: its items leave the catalog, its connections end, its cluster id is free again. For the operator.",
  })
  async revokeCluster(
    @Arg("fingerprint", () => ID, { description: FINGERPRINT }) fingerprint: string,
  ): Promise<ListedCluster> {
    await this.members.revoke(fingerprint);
    return this.catalogs.cluster(fingerprint);
  }

  @Authorized<Permission>("OPERATE")
  @Mutation(() => EnrolmentModeEnum, {
    description: "Change how clusters are let in. Members stay members. For the operator.",
  })
  setEnrolmentMode(
    @Arg("mode", () => EnrolmentModeEnum, { description: "The new mode." }) mode: EnrolmentMode,
  ): Promise<EnrolmentMode> {
    return this.enrolment.setMode(mode);
  }

  @Authorized<Permission>("OPERATE")
  @Mutation(() => Boolean, { description: "Make every member read the whole catalog anew. For the operator." })
  resynchroniseMembers(): Promise<boolean> {
    return this.resynchronisation.resynchronise().then(() => true);
  }
}

@Resolver()
export class TokenResolver {
  constructor(private readonly tokens: TokenService) {}

  @Authorized<Permission>("OPERATE")
  @Query(() => [JoinStringType], {
    description: "Join strings that were made, newest first, without their text. For the operator.",
  })
  joinStrings(
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "tokenID of the last one that was read." })
    after: string | null | undefined,
  ): Promise<JoinToken[]> {
    return this.tokens.joinStrings(first, after ?? null);
  }

  @Authorized<Permission>("OPERATE")
  @Query(() => [ReadTokenType], {
    description: "Read tokens that were made, newest first, without their text. For the operator.",
  })
  readTokens(
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "tokenID of the last one that was read." })
    after: string | null | undefined,
  ): Promise<ReadToken[]> {
    return this.tokens.readTokens(first, after ?? null);
  }

  @Authorized<Permission>("OPERATE")
  @Mutation(() => JoinStringType, {
    description:
      "Make a join string: whoever pastes it into a Connector within 24 hours joins with one cluster. For the operator.",
  })
  createJoinString(
    @Arg("name", () => String, { nullable: true, description: "Name to find it by." }) name: string | null | undefined,
  ): Promise<JoinToken & { readonly join: string }> {
    return this.tokens.createJoinString(name ?? null);
  }

  @Authorized<Permission>("OPERATE")
  @Mutation(() => ReadTokenType, { description: "Make a token that opens the catalog for reading. For the operator." })
  createReadToken(
    @Arg("name", () => String, { nullable: true, description: "Name to find it by." }) name: string | null | undefined,
    @Arg("expiresAt", () => Timestamp, {
      nullable: true,
      description: "When it ends, Unix seconds. Null: when it is revoked.",
    })
    expiresAt: number | null | undefined,
  ): Promise<ReadToken & { readonly token: string }> {
    return this.tokens.createReadToken(name ?? null, expiresAt ?? null);
  }

  @Authorized<Permission>("OPERATE")
  @Mutation(() => Boolean, {
    description: "End a read token or an unused join string. Connections with that token end. For the operator.",
  })
  revokeToken(@Arg("tokenID", () => ID, { description: "Its id." }) tokenID: string): Promise<boolean> {
    return this.tokens.revoke(tokenID);
  }

  @Authorized<Permission>("OPERATE")
  @Subscription(() => JoinStringType, {
    name: "joinStrings",
    description: "Each join string that was made, used or revoked, without its text. For the operator.",
    subscribe: (data: SubscribeResolverData<unknown, object, BrokerContext>) => operatorsWatch(data).joinStrings(),
  })
  changedJoinString(@Root() token: JoinToken): JoinToken {
    return token;
  }

  @Authorized<Permission>("OPERATE")
  @Subscription(() => ReadTokenType, {
    name: "readTokens",
    description: "Each read token that was made or revoked, without its text. For the operator.",
    subscribe: (data: SubscribeResolverData<unknown, object, BrokerContext>) => operatorsWatch(data).readTokens(),
  })
  changedReadToken(@Root() token: ReadToken): ReadToken {
    return token;
  }
}
