import type { ErrorCode } from "@catalog/schema/errors";
import type {
  AnnouncedOffer,
  Announcement,
  DocumentOutcome,
  Enrolment,
  PublishResult,
} from "@catalog/schema/operations";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";

import { EnrolmentStatusEnum, ErrorCodeEnum } from "../enums.js";

@ObjectType("Enrolment", { description: "Where a cluster stands after it has asked to join." })
export class EnrolmentType implements Enrolment {
  @Field(() => EnrolmentStatusEnum, { description: "Member, or waiting for the operator." })
  readonly status!: "PENDING" | "ADMITTED";

  @Field(() => ID, { description: "Key fingerprint of the cluster." })
  readonly fingerprint!: string;

  @Field(() => ID, { description: "Its cluster id." })
  readonly clusterID!: string;
}

@InputType("AnnouncedOffer", { description: "An offer that a cluster lists, without its document." })
export class AnnouncedOfferInput implements AnnouncedOffer {
  @Field(() => ID, { description: "Id of the offer." })
  readonly offerID!: string;

  @Field(() => Timestamp, { description: "Number of its version." })
  readonly rev!: number;

  @Field(() => String, { description: "Digest of its signed document: base64url of the SHA-256 of header.payload." })
  readonly digest!: string;
}

@ObjectType("Announcement", { description: "What the Broker makes of a cluster's list of offers." })
export class AnnouncementType implements Announcement {
  @Field(() => [ID], { description: "Offers whose document the Broker wants." })
  readonly need!: readonly string[];

  @Field(() => Timestamp, { description: "The highest number that the Broker knows of this cluster." })
  readonly highestRev!: number;

  @Field(() => [ID], { description: "Offers that the Broker lists no longer, because they were not announced." })
  readonly dropped!: readonly string[];

  @Field(() => [String], {
    description: "Signed documents of this cluster with higher numbers than announced, as proof.",
  })
  readonly higher!: readonly string[];

  @Field(() => Boolean, {
    description: "False if the Broker keeps a descriptor with a higher number, or the first of two with the same.",
  })
  readonly descriptorAccepted!: boolean;
}

@ObjectType("DocumentOutcome", { description: "What became of one signed document." })
export class DocumentOutcomeType implements DocumentOutcome {
  @Field(() => ID, { nullable: true, description: "Id of the offer. Null where the document cannot be read." })
  readonly offerID!: string | null;

  @Field(() => Timestamp, { nullable: true, description: "Number of the document. Null where it cannot be read." })
  readonly rev!: number | null;

  @Field(() => Boolean, { description: "True if the Broker lists it now, or did already." })
  readonly accepted!: boolean;

  @Field(() => ErrorCodeEnum, { nullable: true, description: "Why not." })
  readonly code!: ErrorCode | null;

  @Field(() => String, { nullable: true, description: "Why not, in words." })
  readonly message!: string | null;

  @Field(() => String, { nullable: true, description: "The document with a higher number, where that is the reason." })
  readonly higher!: string | null;
}

@ObjectType("PublishResult", { description: "Outcomes in the order of the documents; each stands for itself." })
export class PublishResultType implements PublishResult {
  @Field(() => [DocumentOutcomeType], { description: "One outcome per document." })
  readonly results!: readonly DocumentOutcomeType[];
}

@ObjectType("Probe", { description: "Whether a contract endpoint can be reached from where the Broker stands." })
export class ProbeType {
  @Field(() => Boolean, { description: "True if the own descriptor was found there." })
  readonly reachable!: boolean;

  @Field(() => String, { nullable: true, description: "What to check. Null if it can be reached." })
  readonly message!: string | null;
}
