import { Arg, Authorized, Ctx, ID, Mutation, Resolver } from "type-graphql";
import type { Enrolment } from "@catalog/schema/operations";

import { requireMember, requireProven, type Permission } from "../../domain/viewer.js";
import type { EnrolmentService } from "../../services/enrolment.service.js";
import type { MemberService } from "../../services/member.service.js";
import type { Probe, ProbeService } from "../../services/probe.service.js";
import type { BrokerContext } from "../context.js";
import { EnrolmentType, ProbeType } from "../types/publishing.type.js";

@Resolver()
export class EnrolmentResolver {
  constructor(
    private readonly enrolment: EnrolmentService,
    private readonly members: MemberService,
    private readonly probes: ProbeService,
  ) {}

  @Mutation(() => String, { description: "A signed challenge to enrol with, good for 60 seconds. Open to anybody." })
  challenge(
    @Arg("fingerprint", () => ID, { description: "Key fingerprint of the cluster that will enrol." })
    fingerprint: string,
  ): Promise<string> {
    return this.enrolment.challenge(fingerprint);
  }

  @Authorized<Permission>("ENROL")
  @Mutation(() => EnrolmentType, {
    description:
      "Ask to become a member. Needs a request proof with the header Catalog-Descriptor. Repeating it is harmless.",
  })
  enrol(
    @Ctx() context: BrokerContext,
    @Arg("descriptor", () => String, { description: "Signed descriptor of the cluster." }) descriptor: string,
    @Arg("proof", () => String, { description: "Signed answer to a challenge." }) proof: string,
    @Arg("token", () => String, { nullable: true, description: "Token of the join string, encrypted to this Broker." })
    token: string | null | undefined,
  ): Promise<Enrolment> {
    return this.enrolment.enrol(requireProven(context.viewer, context).fingerprint, {
      descriptor,
      proof,
      token: token ?? null,
    });
  }

  @Authorized<Permission>("MEMBER")
  @Mutation(() => Boolean, {
    description: "End the own membership: cluster and offers leave the catalog. For members.",
  })
  leave(@Ctx() context: BrokerContext): Promise<boolean> {
    return this.members.leave(requireMember(context.viewer, context).fingerprint);
  }

  @Authorized<Permission>("MEMBER")
  @Mutation(() => ProbeType, {
    description:
      "Ask whether the own contract endpoint can be reached from where the Broker stands. Once a minute; for members.",
  })
  probeContractEndpoint(@Ctx() context: BrokerContext): Promise<Probe> {
    return this.probes.probe(requireMember(context.viewer, context).fingerprint);
  }
}
