import type { OfferInput } from "@catalog/schema/offer";
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
import { pageOf } from "../../../domain/page.js";
import type { MyOffer, OfferService } from "../../../services/offers/offer.service.js";
import type { AdminContext } from "../context.js";
import { myOfferShape } from "../shapes.js";
import { OfferInputType } from "../types/inputs.js";
import { MyOfferType } from "../types/offer.type.js";

@Resolver()
export class OfferResolver {
  constructor(private readonly offers: OfferService) {}

  @Query(() => [MyOfferType], {
    description: "What this cluster sells, by name, with its stock. Withdrawn offers are not among them.",
  })
  async myOffers(
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Offer id of the last one that was read." })
    after: string | null,
  ): Promise<MyOfferType[]> {
    const page = pageOf(first, after);
    const all = (await this.offers.list()).map(myOfferShape);
    const begin = page.after === null ? 0 : all.findIndex(({ offerID }) => offerID === page.after) + 1;
    return all.slice(begin, begin + page.first);
  }

  @Mutation(() => MyOfferType, {
    description:
      "Make an offer, or replace the one with the same offerID. Every Broker is told; running contracts keep their terms.",
  })
  async saveOffer(
    @Ctx() { viewer }: AdminContext,
    @Arg("offer", () => OfferInputType, {
      description: "The offer as you want it. What is left out takes its default.",
    })
    offer: OfferInput,
  ): Promise<MyOfferType> {
    return myOfferShape(await this.offers.save(offer, viewer.actor));
  }

  @Mutation(() => MyOfferType, {
    description:
      "Put an offer on sale, or pause it: it stays listed, but nobody can buy it. Running contracts keep their terms.",
  })
  async setOfferStatus(
    @Ctx() { viewer }: AdminContext,
    @Arg("offerID", () => ID, { description: "The offer." }) offerID: string,
    @Arg("status", () => Boolean, { description: "True: on sale. False: paused." }) status: boolean,
  ): Promise<MyOfferType> {
    return myOfferShape(await this.offers.setStatus(offerID, status, viewer.actor));
  }

  @Mutation(() => MyOfferType, { description: "Take an offer off the Catalog. Running contracts keep their terms." })
  async withdrawOffer(
    @Ctx() { viewer }: AdminContext,
    @Arg("offerID", () => ID, { description: "The offer." }) offerID: string,
  ): Promise<MyOfferType> {
    return myOfferShape(await this.offers.withdraw(offerID, viewer.actor));
  }

  @Subscription(() => MyOfferType, {
    name: "myOffers",
    description: "Each own offer that has changed, with its stock, as it is now; also one that was withdrawn.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.myOffers(),
  })
  changedOffer(@Root() offer: MyOffer): MyOfferType {
    return myOfferShape(offer);
  }
}
