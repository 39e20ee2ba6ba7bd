import type { CatalogOffer } from "@catalog/schema/catalog";
import type { OfferFilter } from "@catalog/schema/offer-filter";
import type { OfferOrder } from "@catalog/schema/offer-order";

import type { MemberStatus } from "../domain/member.js";
import type { OfferPlace } from "../domain/offer-cursor.js";
import type { Page } from "../domain/page.js";
import { readCluster, readOffer } from "../domain/read-document.js";
import type { CatalogReader, ListedCluster, Provider } from "../services/catalog.service.js";
import { countOffers, LISTED_OFFERS, OFFER_COLUMNS, searchOffers } from "./offer-search-sql.js";
import { toNumber, toNumberOrNull, type Queryable } from "./queryable.js";

interface OfferRow {
  readonly jws: string;
  readonly cluster_id: string;
  readonly cluster_name: string;
  readonly stale_since: string | null;
}

interface ProviderRow {
  readonly fingerprint: string;
  readonly jws: string;
  readonly stale_since: string | null;
}

interface ClusterRow {
  readonly descriptor: string;
  readonly status: MemberStatus;
  readonly requested_at: string;
  readonly admitted_at: string | null;
  readonly stale_since: string | null;
}

/** Bytes of signed offers in one page of providers; the page ends with the provider that passes it. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** The offers of a provider are counted in the same statement, so that a page never grows beyond what one answer may hold. */
const PROVIDERS = `
  WITH page AS (
    SELECT c.fingerprint, c.cluster_id, c.jws, c.stale_since, sum(s.bytes) OVER (ORDER BY c.cluster_id COLLATE "C", c.fingerprint) - s.bytes AS before
    FROM catalog_items c CROSS JOIN LATERAL (
      SELECT sum(octet_length(i.jws)) AS bytes FROM catalog_items i WHERE i.fingerprint = c.fingerprint AND i.kind = 'OFFER' AND NOT i.removed
    ) s
    WHERE c.kind = 'CLUSTER' AND NOT c.removed AND s.bytes IS NOT NULL
      AND ($1::text IS NULL OR c.cluster_id COLLATE "C" > $1) AND ($2::text IS NULL OR c.fingerprint <> $2)
    ORDER BY c.cluster_id COLLATE "C", c.fingerprint LIMIT $3
  )
  SELECT fingerprint, jws, stale_since FROM page WHERE before < ${PAGE_BYTES} ORDER BY cluster_id COLLATE "C", fingerprint`;

const OFFERS_OF = `SELECT i.fingerprint, ${OFFER_COLUMNS} FROM ${LISTED_OFFERS} AND i.fingerprint = ANY($1::text[]) ORDER BY i.offer_id COLLATE "C"`;

const CLUSTERS = `SELECT m.descriptor, m.status, m.requested_at, m.admitted_at, c.stale_since
  FROM members m LEFT JOIN catalog_items c ON c.fingerprint = m.fingerprint AND c.kind = 'CLUSTER'`;

/** The catalog in PostgreSQL, for reading. */
export class CatalogReaderRepository implements CatalogReader {
  constructor(private readonly db: Queryable) {}

  async offers(
    filter: OfferFilter,
    order: OfferOrder,
    first: number,
    after: OfferPlace | null,
  ): Promise<CatalogOffer[]> {
    const { sql, parameters } = searchOffers(filter, order, first, after);
    return (await this.db.query<OfferRow>(sql, parameters)).map(toOffer);
  }

  async count(filter: OfferFilter): Promise<number> {
    const { sql, parameters } = countOffers(filter);
    const rows = await this.db.query<{ count: string }>(sql, parameters);
    return toNumber(rows[0]?.count ?? "0");
  }

  async offer(clusterID: string, offerID: string): Promise<CatalogOffer | undefined> {
    const sql = `SELECT ${OFFER_COLUMNS} FROM ${LISTED_OFFERS} AND i.cluster_id = $1 AND i.offer_id = $2 LIMIT 1`;
    return (await this.db.query<OfferRow>(sql, [clusterID, offerID])).map(toOffer)[0];
  }

  async providers(page: Page, exceptFingerprint: string | null): Promise<Provider[]> {
    const clusters = await this.db.query<ProviderRow>(PROVIDERS, [page.after, exceptFingerprint, page.first]);
    const fingerprints = clusters.map(({ fingerprint }) => fingerprint);
    const offers = new Map<string, CatalogOffer[]>(fingerprints.map((fingerprint) => [fingerprint, []]));
    for (const row of await this.db.query<OfferRow & ProviderRow>(OFFERS_OF, [fingerprints])) {
      offers.get(row.fingerprint)?.push(toOffer(row));
    }
    return clusters.map((row) => ({
      cluster: readCluster(row.jws, toNumberOrNull(row.stale_since)),
      offers: offers.get(row.fingerprint) ?? [],
    }));
  }

  async clusters(status: MemberStatus | null, page: Page): Promise<ListedCluster[]> {
    const rows = await this.db.query<ClusterRow>(
      `${CLUSTERS} WHERE ($1::text IS NULL OR m.status = $1) AND ($2::text IS NULL OR m.fingerprint COLLATE "C" > $2)
       ORDER BY m.fingerprint COLLATE "C" LIMIT $3`,
      [status, page.after, page.first],
    );
    return rows.map(toListedCluster);
  }

  async cluster(fingerprint: string): Promise<ListedCluster | undefined> {
    const rows = await this.db.query<ClusterRow>(`${CLUSTERS} WHERE m.fingerprint = $1`, [fingerprint]);
    return rows.map(toListedCluster)[0];
  }
}

function toOffer(row: OfferRow): CatalogOffer {
  const staleSince = toNumberOrNull(row.stale_since);
  return readOffer(row.jws, { clusterID: row.cluster_id, clusterName: row.cluster_name, staleSince });
}

function toListedCluster(row: ClusterRow): ListedCluster {
  return {
    ...readCluster(row.descriptor, toNumberOrNull(row.stale_since)),
    status: row.status,
    requestedAt: toNumber(row.requested_at),
    admittedAt: toNumberOrNull(row.admitted_at),
  };
}
