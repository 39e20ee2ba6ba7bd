import type { Announcement, AnnouncedOffer, PublishResult } from "@catalog/schema/operations";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";

import { requireMember, type Permission } from "../../domain/viewer.js";
import type { AnnounceService } from "../../services/announce.service.js";
import type { PublishService } from "../../services/publish.service.js";
import type { BrokerContext } from "../context.js";
import { AnnouncedOfferInput, AnnouncementType, PublishResultType } from "../types/publishing.type.js";

@Resolver()
export class PublishingResolver {
  constructor(
    private readonly announcements: AnnounceService,
    private readonly publishing: PublishService,
  ) {}

  @Authorized<Permission>("MEMBER")
  @Mutation(() => AnnouncementType, {
    description:
      "Say what the own cluster lists. The Broker answers what it lacks and drops what is listed no longer. For members.",
  })
  announce(
    @Ctx() context: BrokerContext,
    @Arg("descriptor", () => String, { description: "Signed descriptor of the cluster." }) descriptor: string,
    @Arg("asOf", () => Timestamp, { description: "Highest number of the cluster when the list was taken." })
    asOf: number,
    @Arg("offers", () => [AnnouncedOfferInput], { description: "Every offer that the cluster lists." })
    offers: AnnouncedOffer[],
  ): Promise<Announcement> {
    return this.announcements.announce(requireMember(context.viewer, context), { descriptor, asOf, offers });
  }

  @Authorized<Permission>("MEMBER")
  @Mutation(() => PublishResultType, {
    description: "List own offers, or new versions of them. Each document has its own outcome. For members.",
  })
  publishOffers(
    @Ctx() context: BrokerContext,
    @Arg("documents", () => [String], { description: "Signed offers of the own cluster." }) documents: string[],
  ): Promise<PublishResult> {
    return this.publishing.publish(requireMember(context.viewer, context), documents);
  }

  @Authorized<Permission>("MEMBER")
  @Mutation(() => PublishResultType, {
    description: "Take own offers off the catalog, at every Broker. Running contracts keep their terms. For members.",
  })
  withdrawOffers(
    @Ctx() context: BrokerContext,
    @Arg("documents", () => [String], { description: "Signed withdrawals of the own cluster." }) documents: string[],
  ): Promise<PublishResult> {
    return this.publishing.withdraw(requireMember(context.viewer, context), documents);
  }
}
