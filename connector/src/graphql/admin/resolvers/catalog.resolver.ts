import type { OfferFilter } from "@catalog/schema/offer-filter";
import type { OfferOrder } from "@catalog/schema/offer-order";
import { Arg, ID, Int, Query, Resolver, Root, Subscription, type SubscribeResolverData } from "type-graphql";
import type { MergedEvent } from "../../../services/catalog/catalog-feed.js";
import type { CatalogService } from "../../../services/catalog/catalog.service.js";
import type { OfferFacets } from "../../../services/catalog/offer-facets.js";
import type { AdminContext } from "../context.js";
import { OfferOrderEnum } from "../enums.js";
import { catalogEventShape, catalogShape, offerPageShape, offerShape } from "../shapes.js";
import { CatalogEventType, CatalogType, OfferConnectionType } from "../types/catalog.type.js";
import { OfferFacetsType } from "../types/facet.type.js";
import { OfferFilterType } from "../types/inputs.js";
import { OfferType } from "../types/offer.type.js";

const FIRST = "How many at most, 1 to 200.";

interface FeedArguments {
  readonly since?: string | null;
  readonly filter?: OfferFilter | null;
}

@Resolver()
export class CatalogResolver {
  constructor(private readonly catalogs: CatalogService) {}

  @Query(() => [CatalogType], {
    name: "catalog",
    description:
      "The clusters that sell something, each with all its offers, by cluster id. This cluster is not among them. Where there are many offers a page holds fewer clusters than asked for; the list has ended when a page is empty.",
  })
  providers(
    @Arg("first", () => Int, { defaultValue: 200, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Cluster id of the last one that was read." })
    after: string | null,
  ): CatalogType[] {
    return this.catalogs.catalog(first, after ?? null).map(catalogShape);
  }

  @Query(() => OfferConnectionType, {
    description: "Offers of other clusters that fit a filter, sorted, page by page.",
  })
  async offers(
    @Arg("filter", () => OfferFilterType, { nullable: true, description: "What they must fulfil. Null: nothing." })
    filter: OfferFilter | null,
    @Arg("orderBy", () => OfferOrderEnum, { defaultValue: "NAME_ASC", description: "The order." }) orderBy: OfferOrder,
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => String, { nullable: true, description: "endCursor of the page before." }) after: string | null,
  ): Promise<OfferConnectionType> {
    return offerPageShape(await this.catalogs.offers({ filter: filter ?? {}, orderBy, first, after: after ?? null }));
  }

  @Query(() => OfferFacetsType, {
    description:
      "By what the offers that fit a filter can be told apart, each value with how many offers have it: types, currencies, resources and labels. Bounded: the most frequent are told.",
  })
  offerFacets(
    @Arg("filter", () => OfferFilterType, { nullable: true, description: "What they must fulfil. Null: nothing." })
    filter: OfferFilter | null,
  ): OfferFacets {
    return this.catalogs.facets(filter ?? {});
  }

  @Query(() => OfferType, {
    nullable: true,
    description: "One offer of another cluster. Null with the error OFFER_NOT_FOUND if the Catalog does not have it.",
  })
  offer(
    @Arg("clusterID", () => ID, { description: "The provider's Liqo cluster id." }) clusterID: string,
    @Arg("offerID", () => ID, { description: "Id of the offer." }) offerID: string,
  ): OfferType {
    return offerShape(this.catalogs.offerOf(clusterID, offerID));
  }

  @Subscription(() => CatalogEventType, {
    name: "catalog",
    description:
      "The Catalog and every change of it in one stream, in the shape in which a Broker sends it: everything since a cursor (or everything there is), then SYNCED, then changes as they happen. A filter applies to offers; one that stops fitting is removed.",
    subscribe: ({ args, context }: SubscribeResolverData<unknown, FeedArguments, AdminContext>) =>
      context.streams.catalog({ since: args.since ?? null, filter: args.filter ?? null }),
  })
  follow(
    @Root() event: MergedEvent,
    @Arg("since", () => String, {
      nullable: true,
      description: "Cursor of the last message that was applied. Null: from the beginning.",
    })
    _since: string | null,
    @Arg("filter", () => OfferFilterType, { nullable: true, description: "What offers must fulfil. Null: nothing." })
    _filter: OfferFilter | null,
  ): CatalogEventType {
    return catalogEventShape(event);
  }
}
