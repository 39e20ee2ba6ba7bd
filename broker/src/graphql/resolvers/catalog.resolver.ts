import { stockOf, type CatalogOffer } from "@catalog/schema/catalog";
import type { OfferFilter } from "@catalog/schema/offer-filter";
import type { OfferOrder } from "@catalog/schema/offer-order";
import { Arg, Authorized, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";

import type { MemberStatus } from "../../domain/member.js";
import { requirePermission, type Permission } from "../../domain/viewer.js";
import type { CatalogService, ListedCluster, OfferPage, Provider } from "../../services/catalog.service.js";
import type { BrokerContext } from "../context.js";
import { MemberStatusEnum, OfferOrderEnum } from "../enums.js";
import { CatalogType, ClusterType } from "../types/cluster.type.js";
import { OfferConnectionType, OfferFilterInput } from "../types/offer-connection.type.js";
import { OfferType, PlanType } from "../types/offer.type.js";

const FIRST = "Longest list to answer with, 1 to 200.";

@Resolver(() => CatalogType)
export class CatalogResolver {
  constructor(private readonly catalogs: CatalogService) {}

  @Authorized<Permission>("READ")
  @Query(() => [CatalogType], {
    name: "catalog",
    description:
      "Clusters that have offers, with all of them, by cluster id. Where offers are large a page holds fewer clusters than asked for; the list has ended when a page is empty.",
  })
  async providers(
    @Ctx() context: BrokerContext,
    @Arg("includeOwn", () => Boolean, { defaultValue: false, description: "True: the caller's own cluster too." })
    includeOwn: boolean,
    @Arg("first", () => Int, { defaultValue: 200, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Cluster id of the last cluster that was read." })
    after: string | null | undefined,
  ): Promise<CatalogType[]> {
    const own = !includeOwn && context.viewer.kind === "MEMBER" ? context.viewer.fingerprint : null;
    return (await this.catalogs.providers(first, after ?? null, own)).map(toCatalog);
  }

  @Authorized<Permission>("READ")
  @Query(() => [ClusterType], {
    description: "Clusters by key fingerprint. Only the operator sees others than members.",
  })
  clusters(
    @Ctx() context: BrokerContext,
    @Arg("status", () => MemberStatusEnum, {
      nullable: true,
      description: "Clusters of this standing. Null: all that the caller may see.",
    })
    status: MemberStatus | null | undefined,
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Key fingerprint of the last cluster that was read." })
    after: string | null | undefined,
  ): Promise<ListedCluster[]> {
    return this.catalogs.clusters(visibleStatus(context, status), first, after ?? null);
  }
}

@Resolver(() => OfferType)
export class OfferResolver {
  constructor(private readonly catalogs: CatalogService) {}

  @Authorized<Permission>("READ")
  @Query(() => OfferConnectionType, { description: "Offers that fit a filter, sorted, page by page." })
  offers(
    @Arg("filter", () => OfferFilterInput, { nullable: true, description: "What they must fulfil. Null: nothing." })
    filter: OfferFilter | null | undefined,
    @Arg("orderBy", () => OfferOrderEnum, { defaultValue: "NAME_ASC", description: "Order of the list." })
    orderBy: OfferOrder,
    @Arg("first", () => Int, { defaultValue: 50, description: FIRST }) first: number,
    @Arg("after", () => String, { nullable: true, description: "endCursor of the page before." })
    after: string | null | undefined,
  ): Promise<OfferPage> {
    return this.catalogs.offers({ filter: filter ?? {}, orderBy, first, after: after ?? null });
  }

  @Authorized<Permission>("READ")
  @Query(() => OfferType, {
    nullable: true,
    description: "One offer. Null with the error OFFER_NOT_FOUND if it is not listed.",
  })
  offer(
    @Arg("clusterID", () => ID, { description: "Cluster id of the provider." }) clusterID: string,
    @Arg("offerID", () => ID, { description: "Id of the offer." }) offerID: string,
  ): Promise<CatalogOffer> {
    return this.catalogs.offer(clusterID, offerID);
  }

  @FieldResolver(() => [PlanType])
  plans(@Root() offer: CatalogOffer): PlanType[] {
    return offer.plans.map((plan) => ({ ...plan, available: stockOf(offer, plan.planID) }));
  }
}

@Resolver(() => OfferConnectionType)
export class OfferConnectionResolver {
  constructor(private readonly catalogs: CatalogService) {}

  @FieldResolver(() => Int)
  totalCount(@Root() page: OfferPage): Promise<number> {
    return this.catalogs.count(page.filter);
  }
}

@Resolver(() => ClusterType)
export class ClusterResolver {
  /** Clusters of the feed are members. */
  @FieldResolver(() => MemberStatusEnum)
  status(@Root() cluster: Partial<ListedCluster>): MemberStatus {
    return cluster.status ?? "ADMITTED";
  }
}

function toCatalog({ cluster, offers }: Provider): CatalogType {
  return { ...cluster, token: null, offers };
}

/** Who may not operate the Broker sees members only. */
function visibleStatus(context: BrokerContext, status: MemberStatus | null | undefined): MemberStatus | null {
  const asked = status ?? null;
  if (asked !== "ADMITTED" && asked !== null) requirePermission(context.viewer, "OPERATE", context);
  return context.viewer.kind === "OPERATOR" ? asked : "ADMITTED";
}
