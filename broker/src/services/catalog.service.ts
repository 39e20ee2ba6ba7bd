import { createHash } from "node:crypto";

import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import { CatalogError } from "@catalog/schema/errors";
import { canonicalFilter, filterProblems, type OfferFilter } from "@catalog/schema/offer-filter";
import { sortKeysOf, type OfferOrder } from "@catalog/schema/offer-order";
import { requireNoProblems } from "@catalog/schema/problem";

import type { MemberStatus } from "../domain/member.js";
import { keyOf, readCursor, writeCursor, type OfferListing, type OfferPlace } from "../domain/offer-cursor.js";
import { pageOf, type Page } from "../domain/page.js";

/** A cluster that offers something, with all its offers by offer id. */
export interface Provider {
  readonly cluster: CatalogCluster;
  readonly offers: readonly CatalogOffer[];
}

/** A cluster of any standing with its dates (Unix s). */
export interface ListedCluster extends CatalogCluster {
  readonly status: MemberStatus;
  readonly requestedAt: number;
  readonly admittedAt: number | null;
}

/** The catalog in the database, read only. Filters have been checked. */
export interface CatalogReader {
  /** At most `first` offers behind `after` in this order, which is total. */
  offers(filter: OfferFilter, order: OfferOrder, first: number, after: OfferPlace | null): Promise<CatalogOffer[]>;
  count(filter: OfferFilter): Promise<number>;
  offer(clusterID: string, offerID: string): Promise<CatalogOffer | undefined>;
  /** By cluster id. May hold fewer than asked for where offers are large, but never none while there are more. */
  providers(page: Page, exceptFingerprint: string | null): Promise<Provider[]>;
  /** By fingerprint. */
  clusters(status: MemberStatus | null, page: Page): Promise<ListedCluster[]>;
  cluster(fingerprint: string): Promise<ListedCluster | undefined>;
}

/** One page of offers. */
export interface OfferPage {
  readonly filter: OfferFilter;
  readonly edges: readonly { readonly cursor: string; readonly node: CatalogOffer }[];
  readonly nodes: readonly CatalogOffer[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What a page of offers is asked with. */
export interface OfferQuery {
  readonly filter: OfferFilter;
  readonly orderBy: OfferOrder;
  readonly first: number;
  readonly after: string | null;
}

/** Reads the catalog for people and scripts. */
export class CatalogService {
  constructor(private readonly reader: CatalogReader) {}

  /** A page of offers. Throws BAD_USER_INPUT, LIMIT_EXCEEDED or CURSOR_INVALID. */
  async offers(query: OfferQuery): Promise<OfferPage> {
    const { filter, orderBy: order } = query;
    const { first } = pageOf(query.first, null);
    requireNoProblems(filterProblems(filter).map((problem) => ({ ...problem, path: `filter.${problem.path}` })));
    const listing: OfferListing = { order, filterHash: hashOf(filter) };
    const after = query.after === null ? null : readCursor(listing, query.after);
    const found = await this.reader.offers(filter, order, first + 1, after);
    const nodes = found.slice(0, first);
    const edges = nodes.map((node) => ({ cursor: writeCursor(listing, placeOf(order, node)), node }));
    return {
      filter,
      edges,
      nodes,
      pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null },
    };
  }

  /** How many offers fit a filter that {@link offers} has accepted. */
  count(filter: OfferFilter): Promise<number> {
    return this.reader.count(filter);
  }

  /** One offer. Throws OFFER_NOT_FOUND. */
  async offer(clusterID: string, offerID: string): Promise<CatalogOffer> {
    const offer = hasNul(clusterID, offerID) ? undefined : await this.reader.offer(clusterID, offerID);
    if (offer !== undefined) return offer;
    throw new CatalogError(
      "OFFER_NOT_FOUND",
      `Cluster ${shown(clusterID)} lists no offer ${shown(offerID)} at this Broker.`,
      {
        clusterID: shown(clusterID),
        offerID: shown(offerID),
      },
    );
  }

  /** Clusters that offer something, with their offers, without the one with `exceptFingerprint`. */
  providers(first: number, after: string | null, exceptFingerprint: string | null): Promise<Provider[]> {
    return this.reader.providers(pageOf(first, after), exceptFingerprint);
  }

  /** Clusters of one standing, or of all. */
  clusters(status: MemberStatus | null, first: number, after: string | null): Promise<ListedCluster[]> {
    return this.reader.clusters(status, pageOf(first, after));
  }

  /** One cluster of any standing. Throws CLUSTER_NOT_FOUND. */
  async cluster(fingerprint: string): Promise<ListedCluster> {
    const cluster = await this.reader.cluster(fingerprint);
    if (cluster === undefined)
      throw new CatalogError(
        "CLUSTER_NOT_FOUND",
        `No cluster with key fingerprint ${shown(fingerprint)} is known here.`,
      );
    return cluster;
  }
}

function placeOf(order: OfferOrder, offer: CatalogOffer): OfferPlace {
  return { key: keyOf(order, sortKeysOf(offer)), fingerprint: offer.fingerprint, offerID: offer.offerID };
}

function hashOf(filter: OfferFilter): string {
  return createHash("sha256").update(canonicalFilter(filter)).digest("base64url").slice(0, 22);
}

function hasNul(...texts: readonly string[]): boolean {
  return texts.some((text) => text.includes("\0"));
}

function shown(id: string): string {
  return id.length > 128 ? `${id.slice(0, 128)}…` : id;
}
