import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";

import type { EnrolmentMode, MemberStatus } from "../../domain/member.js";
import { EnrolmentModeEnum, MemberStatusEnum, ViewerKindEnum, type ViewerKind } from "../enums.js";

@ObjectType("BrokerInfo", { description: "Who this Broker is." })
export class BrokerInfoType {
  @Field(() => ID, { description: "Key fingerprint: the identity of the Broker." })
  readonly fingerprint!: string;

  @Field(() => String, { description: "Name that its operator gave it." })
  readonly name!: string;

  @Field(() => String, { description: "Address at which clusters reach it." })
  readonly url!: string;

  @Field(() => String, {
    description: "Its signed descriptor, to be checked against the fingerprint in a join string.",
  })
  readonly descriptor!: string;

  @Field(() => EnrolmentModeEnum, { description: "How it lets clusters in." })
  readonly enrolmentMode!: EnrolmentMode;

  @Field(() => String, { description: "Version of its software." })
  readonly version!: string;
}

@ObjectType("Viewer", { description: "As whom the Broker knows the caller." })
export class ViewerType {
  @Field(() => ViewerKindEnum, { description: "What the caller has shown to be." })
  readonly kind!: ViewerKind;

  @Field(() => ID, { nullable: true, description: "Key fingerprint of a member or applicant." })
  readonly fingerprint!: string | null;

  @Field(() => ID, { nullable: true, description: "Cluster id of a member." })
  readonly clusterID!: string | null;

  @Field(() => MemberStatusEnum, {
    nullable: true,
    description: "Where the cluster stands. Null for people and strangers.",
  })
  readonly status!: MemberStatus | null;

  @Field(() => String, { nullable: true, description: "Name of the read token." })
  readonly name!: string | null;

  @Field(() => Timestamp, {
    nullable: true,
    description: "When the read token or session ends, Unix seconds. Null: when it is revoked.",
  })
  readonly expiresAt!: number | null;
}

@ObjectType("JoinString", {
  description: "A join string that was made here. Its secret is told once, when it is made.",
})
export class JoinStringType {
  @Field(() => ID, { description: "Id with which it can be revoked." })
  readonly tokenID!: string;

  @Field(() => String, {
    nullable: true,
    description: "The text to give to a cluster admin. Told once, when it is made; null later.",
  })
  readonly join?: string | null;

  @Field(() => String, { nullable: true, description: "Name that the operator gave it." })
  readonly name!: string | null;

  @Field(() => Timestamp, { description: "When it was made, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { description: "Until when it can be used first, Unix seconds." })
  readonly expiresAt!: number;

  @Field(() => ID, { nullable: true, description: "Key fingerprint of the cluster that used it. Null: nobody yet." })
  readonly usedBy!: string | null;

  @Field(() => Timestamp, { nullable: true, description: "When it was used first, Unix seconds." })
  readonly usedAt!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it was revoked, Unix seconds." })
  readonly revokedAt!: number | null;
}

@ObjectType("ReadToken", {
  description: "A token that opens the catalog for reading. Its text is told once, when it is made.",
})
export class ReadTokenType {
  @Field(() => ID, { description: "Id with which it can be revoked." })
  readonly tokenID!: string;

  @Field(() => String, {
    nullable: true,
    description: "The text to send as `Authorization: Bearer <token>`. Told once, when it is made; null later.",
  })
  readonly token?: string | null;

  @Field(() => String, { nullable: true, description: "Name that the operator gave it." })
  readonly name!: string | null;

  @Field(() => Timestamp, { description: "When it was made, Unix seconds." })
  readonly created!: number;

  @Field(() => Timestamp, { nullable: true, description: "When it ends, Unix seconds. Null: when it is revoked." })
  readonly expiresAt!: number | null;

  @Field(() => Timestamp, { nullable: true, description: "When it was revoked, Unix seconds." })
  readonly revokedAt!: number | null;
}
