import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import { sha256Base64url } from "@catalog/schema/documents/base64url";
import { CatalogError } from "@catalog/schema/errors";
import {
  canonicalFilter,
  filterProblems,
  matchesRead,
  readFilter,
  type OfferFilter,
} from "@catalog/schema/offer-filter";
import { compareOffers, compareText, type OfferOrder } from "@catalog/schema/offer-order";
import { InputInvalidError } from "@catalog/schema/problem";
import { pageOf } from "../../domain/page.js";
import type { CatalogFeed } from "./catalog-feed.js";
import type { CatalogView } from "./catalog-view.js";
import { facetsOf, type OfferFacets } from "./offer-facets.js";
import type { CatalogSource } from "../ports.js";

/** A page of clusters holds fewer than asked for once it holds this many offers. */
const MAX_OFFERS_OF_A_PAGE = 1_000;

/** Which offers, in which order, and which page of them. */
export interface OfferQuery {
  readonly filter: OfferFilter;
  readonly orderBy: OfferOrder;
  readonly first: number;
  readonly after: string | null;
}

export interface OfferPage {
  readonly edges: readonly { readonly cursor: string; readonly node: CatalogOffer }[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
  /** From which the feed of the same filter tells what changes after this page was read. */
  readonly feedCursor: string;
}

/** A provider cluster with its offers. */
export interface ProviderCluster {
  readonly cluster: CatalogCluster;
  readonly offers: readonly CatalogOffer[];
}

/** The merged Catalog for readers. Own offers are not in it. */
export class CatalogService implements CatalogSource {
  constructor(
    private readonly view: CatalogView,
    private readonly feed: CatalogFeed,
  ) {}

  async offer(fingerprint: string, offerID: string): Promise<CatalogOffer | undefined> {
    return this.view.requireLoaded().offer(fingerprint, offerID);
  }

  /** The offer of the cluster that holds this cluster id here. @throws OFFER_NOT_FOUND */
  offerOf(clusterID: string, offerID: string): CatalogOffer {
    for (const cluster of this.view.requireLoaded().allClusters()) {
      const offer = cluster.clusterID === clusterID ? this.view.offer(cluster.fingerprint, offerID) : undefined;
      if (offer !== undefined) return offer;
    }
    throw new CatalogError("OFFER_NOT_FOUND", `No offer ${offerID} of the cluster ${clusterID} is in the Catalog.`);
  }

  /** Provider clusters by cluster id, each with all its offers. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
  catalog(first: number, after: string | null): readonly ProviderCluster[] {
    const page = pageOf(first, after);
    const clusters = [...this.view.requireLoaded().allClusters()].filter(
      ({ clusterID }) => page.after === null || compareText(clusterID, page.after) > 0,
    );
    clusters.sort((a, b) => compareText(a.clusterID, b.clusterID));
    const result: ProviderCluster[] = [];
    let count = 0;
    for (const cluster of clusters) {
      if (result.length === page.first || count >= MAX_OFFERS_OF_A_PAGE) break;
      const offers = [...this.view.offersOfCluster(cluster.fingerprint)].sort((a, b) =>
        compareText(a.offerID, b.offerID),
      );
      if (offers.length > 0) result.push({ cluster, offers });
      count += offers.length;
    }
    return result;
  }

  /** By what the offers that fit a filter can be told apart. @throws BAD_USER_INPUT */
  facets(filter: OfferFilter): OfferFacets {
    return facetsOf(this.matching(filter));
  }

  /** @throws LIMIT_EXCEEDED, BAD_USER_INPUT, CURSOR_INVALID for a cursor of another query. */
  async offers({ filter, orderBy, first, after }: OfferQuery): Promise<OfferPage> {
    const page = pageOf(first, null);
    const found = this.matching(filter);
    const revision = this.view.log.head;
    const order = compareOffers(orderBy);
    const query = (await sha256Base64url(`${orderBy} ${canonicalFilter(filter)}`)).slice(0, 16);
    const last = after === null ? undefined : decodeCursor(after, query);
    const matching = found.sort(order);
    const rest = last === undefined ? matching : matching.filter((offer) => order(offer, last) > 0);
    const nodes = rest.slice(0, page.first);
    return {
      edges: nodes.map((node) => ({ cursor: encodeCursor(node, query), node })),
      hasNextPage: rest.length > nodes.length,
      totalCount: matching.length,
      feedCursor: await this.feed.cursorAt(revision, filter),
    };
  }

  private matching(filter: OfferFilter): CatalogOffer[] {
    const problems = filterProblems(filter);
    if (problems.length > 0) throw new InputInvalidError(problems);
    const read = readFilter(filter);
    return [...this.view.requireLoaded().allOffers()].filter((offer) => matchesRead(offer, read));
  }
}

/** What the comparison of two offers looks at, so that reading on works although the offer itself has changed or gone. */
type Place = Pick<CatalogOffer, "fingerprint" | "offerID" | "offerName" | "created" | "plans" | "stock" | "status">;

function encodeCursor(offer: CatalogOffer, query: string): string {
  const { fingerprint, offerID, offerName, created, status, stock } = offer;
  const plans = offer.plans.map(({ planID, planCost, planCostCurrency, planCostPeriod }) => ({
    planID,
    planCost,
    planCostCurrency,
    planCostPeriod,
  }));
  return Buffer.from(
    JSON.stringify({ query, place: { fingerprint, offerID, offerName, created, status, stock, plans } }),
  ).toString("base64url");
}

function decodeCursor(text: string, query: string): CatalogOffer {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (
      typeof read === "object" &&
      read !== null &&
      "query" in read &&
      read.query === query &&
      "place" in read &&
      isPlace(read.place)
    )
      return read.place as CatalogOffer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CatalogError(
    "CURSOR_INVALID",
    "after is not a cursor of this list with this filter and order; begin without it.",
  );
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  const place = value as Partial<Record<keyof Place, unknown>>;
  return (
    typeof place.fingerprint === "string" &&
    typeof place.offerID === "string" &&
    typeof place.offerName === "string" &&
    Number.isSafeInteger(place.created) &&
    Array.isArray(place.plans) &&
    typeof place.stock === "object" &&
    place.stock !== null
  );
}
