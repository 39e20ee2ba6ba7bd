import type { OfferFilter } from "@catalog/schema/offer-filter";
import { Arg, Authorized, Resolver, Root, Subscription, type SubscribeResolverData } from "type-graphql";

import type { Permission } from "../../domain/viewer.js";
import type { ReadableEvent } from "../../services/feed-port.js";
import type { BrokerContext } from "../context.js";
import { CatalogEventType } from "../types/catalog-event.type.js";
import { OfferFilterInput } from "../types/offer-connection.type.js";

interface FeedArgs {
  readonly since?: string | null;
  readonly filter?: OfferFilter | null;
}

@Resolver()
export class FeedResolver {
  @Authorized<Permission>("READ")
  @Subscription(() => CatalogEventType, {
    name: "catalog",
    description:
      "The catalog and every change of it, in one stream: everything since a cursor (or everything there is), then SYNCED, then live. A filter applies to offers; an offer that stops fitting is removed.",
    subscribe: ({ args, context }: SubscribeResolverData<unknown, FeedArgs, BrokerContext>) =>
      context.feed.subscribe({ since: args.since ?? null, filter: args.filter ?? null }),
  })
  follow(
    @Root() event: ReadableEvent,
    @Arg("since", () => String, {
      nullable: true,
      description: "Cursor of the last message that was applied. Null: from the beginning.",
    })
    _since: string | null,
    @Arg("filter", () => OfferFilterInput, { nullable: true, description: "What offers must fulfil. Null: nothing." })
    _filter: OfferFilter | null,
  ): ReadableEvent {
    return event;
  }
}
