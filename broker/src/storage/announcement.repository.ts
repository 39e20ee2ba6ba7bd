import type { KnownCluster, KnownOffer } from "../domain/announcement.js";
import type { Announcements } from "../services/catalog-ports.js";
import { changeItems, LOCK_HEAD } from "./feed-sql.js";
import { notify } from "./member-items.repository.js";
import { toNumber, type TransactionalDatabase } from "./queryable.js";

interface KnownRow {
  readonly kind: string;
  readonly offer_id: string;
  readonly number: string;
  readonly digest: string;
  readonly cluster_id: string;
  readonly removed: boolean;
  readonly descriptor: string | null;
}

interface HighestRow {
  readonly number: string;
  readonly jws: string | null;
}

const KNOWN = `SELECT kind, offer_id, number, digest, cluster_id, removed,
    CASE WHEN kind = 'CLUSTER' AND NOT removed AND stale_since IS NULL THEN jws END AS descriptor
  FROM catalog_items WHERE fingerprint = $1 AND (NOT removed OR kind = 'CLUSTER' OR offer_id = ANY($2))`;

const HIGHEST = `SELECT number, CASE WHEN number > $2 THEN jws END AS jws FROM (
    SELECT number, jws FROM catalog_items WHERE fingerprint = $1 UNION ALL SELECT number, jws FROM catalog_floors WHERE fingerprint = $1
  ) numbered ORDER BY number DESC LIMIT 1`;

const DOCUMENTS = "SELECT jws FROM catalog_items WHERE fingerprint = $1 AND kind = 'OFFER' AND offer_id = ANY($2)";

const DROP = changeItems(
  "i.fingerprint = $1 AND i.kind = 'OFFER' AND NOT i.removed AND i.offer_id = ANY($2) AND i.number <= $3",
  "removed = true",
  "REMOVE",
);

/** What announcing clusters are compared with, in PostgreSQL. */
export class AnnouncementRepository implements Announcements {
  constructor(private readonly db: TransactionalDatabase) {}

  async known(fingerprint: string, offerIDs: readonly string[], asOf: number): Promise<KnownCluster> {
    const rows = await this.db.query<KnownRow>(KNOWN, [fingerprint, offerIDs]);
    const [highest] = await this.db.query<HighestRow>(HIGHEST, [fingerprint, asOf]);
    return {
      offers: rows.filter(({ kind }) => kind === "OFFER").map(toKnown),
      highestRev: highest === undefined ? 0 : toNumber(highest.number),
      highestJws: highest?.jws ?? null,
      listedDescriptor: rows.find(({ kind }) => kind === "CLUSTER")?.descriptor ?? null,
    };
  }

  async documents(fingerprint: string, offerIDs: readonly string[]): Promise<string[]> {
    return (await this.db.query<{ jws: string }>(DOCUMENTS, [fingerprint, offerIDs])).map(({ jws }) => jws);
  }

  drop(fingerprint: string, offerIDs: readonly string[], asOf: number): Promise<string[]> {
    return this.db.transaction(async (tx) => {
      await tx.query(LOCK_HEAD);
      const rows = await tx.query<{ offer_id: string; head: string }>(DROP, [fingerprint, offerIDs, asOf]);
      const [first] = rows;
      if (first !== undefined) await notify(tx, first.head);
      return rows.map((row) => row.offer_id);
    });
  }
}

function toKnown(row: KnownRow): KnownOffer {
  return {
    offerID: row.offer_id,
    rev: toNumber(row.number),
    digest: row.digest,
    clusterID: row.cluster_id,
    isRemoved: row.removed,
  };
}
