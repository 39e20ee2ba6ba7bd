import type { FeedKind } from "@catalog/schema/feed";
import type { ItemKey, ListingRow, OfferRecord } from "@catalog/schema/replica-message";
import type { ReplicaStore } from "../services/brokers/broker-ports.js";
import type { Sql } from "./sql.js";

interface DocumentRow {
  fingerprint: string;
  offer_id: string;
  rev: string;
  digest: string;
  jws: string;
}

interface ListingTableRow {
  broker_id: string;
  kind: FeedKind;
  fingerprint: string;
  offer_id: string;
  generation: number;
  stale_since: string | null;
  pending_jws: string | null;
}

/** The tables `replica_documents` and `replica_listings`. Whole messages are read and written in one statement each. */
export class ReplicaRepository implements ReplicaStore {
  constructor(private readonly tx: Sql) {}

  async allDocuments(): Promise<readonly OfferRecord[]> {
    return (
      await this.tx.query<DocumentRow>("SELECT fingerprint, offer_id, rev, digest, jws FROM replica_documents")
    ).map(toDocument);
  }

  async documents(keys: readonly ItemKey[]): Promise<readonly OfferRecord[]> {
    if (keys.length === 0) return [];
    const rows = await this.tx.query<DocumentRow>(
      `SELECT d.fingerprint, d.offer_id, d.rev, d.digest, d.jws FROM replica_documents d
       JOIN unnest($1::text[], $2::text[]) AS k(fingerprint, offer_id) USING (fingerprint, offer_id)`,
      [keys.map((key) => key.fingerprint), keys.map((key) => key.offerID)],
    );
    return rows.map(toDocument);
  }

  async saveDocuments(documents: readonly OfferRecord[], now: number): Promise<void> {
    if (documents.length === 0) return;
    await this.tx.query(
      `INSERT INTO replica_documents (fingerprint, offer_id, rev, digest, jws, seen_at)
       SELECT *, $6::bigint FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[])
       ON CONFLICT (fingerprint, offer_id) DO UPDATE SET rev = EXCLUDED.rev, digest = EXCLUDED.digest, jws = EXCLUDED.jws, seen_at = EXCLUDED.seen_at
       WHERE replica_documents.rev < EXCLUDED.rev`,
      [
        documents.map((one) => one.fingerprint),
        documents.map((one) => one.offerID),
        documents.map((one) => one.rev),
        documents.map((one) => one.digest),
        documents.map((one) => one.jws),
        now,
      ],
    );
  }

  async allListings(): Promise<readonly ListingRow[]> {
    return (await this.tx.query<ListingTableRow>("SELECT * FROM replica_listings")).map(toListing);
  }

  async pendingOf(fingerprints: readonly string[]): Promise<readonly ListingRow[]> {
    if (fingerprints.length === 0) return [];
    const rows = await this.tx.query<ListingTableRow>(
      "SELECT * FROM replica_listings WHERE pending_jws IS NOT NULL AND fingerprint = ANY($1)",
      [fingerprints],
    );
    return rows.map(toListing);
  }

  async saveListings(rows: readonly ListingRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.tx.query(
      `INSERT INTO replica_listings (broker_id, kind, fingerprint, offer_id, generation, stale_since, pending_jws)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::text[])
       ON CONFLICT (broker_id, kind, fingerprint, offer_id) DO UPDATE
         SET generation = EXCLUDED.generation, stale_since = EXCLUDED.stale_since, pending_jws = EXCLUDED.pending_jws`,
      [
        rows.map((row) => row.brokerID),
        rows.map((row) => row.kind),
        rows.map((row) => row.fingerprint),
        rows.map((row) => row.offerID),
        rows.map((row) => row.generation),
        rows.map((row) => row.staleSince),
        rows.map((row) => row.pendingJws),
      ],
    );
  }

  async removeListings(brokerID: string, keys: readonly ItemKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.tx.query(
      `DELETE FROM replica_listings l USING unnest($2::text[], $3::text[], $4::text[]) AS k(kind, fingerprint, offer_id)
       WHERE l.broker_id = $1 AND l.kind = k.kind AND l.fingerprint = k.fingerprint AND l.offer_id = k.offer_id`,
      [brokerID, keys.map((key) => key.kind), keys.map((key) => key.fingerprint), keys.map((key) => key.offerID)],
    );
  }

  async sweep(brokerID: string, generation: number): Promise<readonly ItemKey[]> {
    const rows = await this.tx.query<ListingTableRow>(
      `WITH gone AS (DELETE FROM replica_listings WHERE broker_id = $1 AND generation < $2 RETURNING *) SELECT * FROM gone`,
      [brokerID, generation],
    );
    return rows.map(toListing);
  }

  async floors(fingerprints: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (fingerprints.length === 0) return new Map();
    const rows = await this.tx.query<{ fingerprint: string; rev: string }>(
      "SELECT * FROM replica_floors WHERE fingerprint = ANY($1)",
      [fingerprints],
    );
    return new Map(rows.map((row) => [row.fingerprint, Number(row.rev)]));
  }

  async forgetUnlisted(before: number): Promise<readonly ItemKey[]> {
    const rows = await this.tx.query<Pick<DocumentRow, "fingerprint" | "offer_id">>(
      `WITH gone AS (
         DELETE FROM replica_documents d WHERE seen_at < $1
           AND NOT EXISTS (SELECT 1 FROM replica_listings l WHERE l.kind = 'OFFER' AND l.fingerprint = d.fingerprint AND l.offer_id = d.offer_id)
         RETURNING fingerprint, offer_id, rev),
       raised AS (
         INSERT INTO replica_floors SELECT fingerprint, max(rev) FROM gone GROUP BY fingerprint
         ON CONFLICT (fingerprint) DO UPDATE SET rev = greatest(replica_floors.rev, EXCLUDED.rev))
       SELECT fingerprint, offer_id FROM gone`,
      [before],
    );
    return rows.map((row) => ({ kind: "OFFER", fingerprint: row.fingerprint, offerID: row.offer_id }));
  }
}

function toDocument(row: DocumentRow): OfferRecord {
  return {
    fingerprint: row.fingerprint,
    offerID: row.offer_id,
    rev: Number(row.rev),
    digest: row.digest,
    jws: row.jws,
  };
}

function toListing(row: ListingTableRow): ListingRow {
  return {
    brokerID: row.broker_id,
    kind: row.kind,
    fingerprint: row.fingerprint,
    offerID: row.offer_id,
    generation: row.generation,
    staleSince: row.stale_since === null ? null : Number(row.stale_since),
    pendingJws: row.pending_jws,
  };
}
