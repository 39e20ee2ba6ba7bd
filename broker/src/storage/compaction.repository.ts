import type { Compaction } from "../services/catalog-ports.js";
import { LOCK_HEAD, shiftedNow } from "./feed-sql.js";
import type { TransactionalDatabase } from "./queryable.js";

/** What is kept, and for how long (ms). */
export interface Retention {
  /** Changes and tombstones, so that a reader who was away so long can go on from its cursor. */
  readonly tombstoneMs: number;
  /** Withdrawals in snapshots, and the highest number of each item that is gone. */
  readonly withdrawalMs: number;
  /** Lines of the log, whatever their age. */
  readonly logLength: number;
  /** Lines that one transaction forgets. */
  readonly batchSize: number;
  /** Shift of the database's clock. */
  readonly clockOffsetMs: number;
}

/** The lines at the log's old end that are too old, or too many. $2 age (ms), $3 length of the log, $4 lines. */
const OLD_END = `
  SELECT max(l.revision) AS horizon, count(*) AS lines FROM (
    SELECT revision, changed_at FROM change_log ORDER BY revision LIMIT $4
  ) l, feed_head h
  WHERE l.revision < h.revision
    AND (l.changed_at < ${shiftedNow("$1::double precision")} - $2 * interval '1 millisecond' OR l.revision <= h.revision - $3)`;

/** The line of the horizon itself stays: its mark proves the cursors that stand on it. */
const FORGET_LINES = "DELETE FROM change_log WHERE revision < $1";

/** Offers that are long gone leave their highest number and its document to their cluster's floor; a cluster's own stays with the member. $2 age (ms), $3 items. */
const FOLD = `
  WITH gone AS (
    DELETE FROM catalog_items i USING (
      SELECT o.fingerprint, o.kind, o.offer_id FROM catalog_items o, feed_head h
      WHERE o.removed AND o.revision <= h.horizon AND o.changed_at < ${shiftedNow("$1::double precision")} - $2 * interval '1 millisecond' LIMIT $3
    ) o WHERE (i.fingerprint, i.kind, i.offer_id) = (o.fingerprint, o.kind, o.offer_id) RETURNING i.*
  ), folded AS (
    INSERT INTO catalog_floors AS f (fingerprint, number, digest, jws)
    SELECT DISTINCT ON (fingerprint) fingerprint, number, digest, jws FROM gone WHERE kind = 'OFFER' ORDER BY fingerprint, number DESC
    ON CONFLICT (fingerprint) DO UPDATE SET number = excluded.number, digest = excluded.digest, jws = excluded.jws WHERE excluded.number > f.number
  )
  SELECT count(*) AS items FROM gone`;

/** Pairs of contradicting documents beyond the last hundred of each cluster. */
const FORGET_EQUIVOCATIONS = `
  DELETE FROM equivocations e USING (
    SELECT fingerprint, kind, offer_id, number, row_number() OVER (PARTITION BY fingerprint ORDER BY seen_at DESC) AS nth FROM equivocations
  ) o WHERE o.nth > 100 AND (e.fingerprint, e.kind, e.offer_id, e.number) = (o.fingerprint, o.kind, o.offer_id, o.number)`;

/** Forgets in PostgreSQL what nobody can ask for any more, in short transactions. */
export class CompactionRepository implements Compaction {
  constructor(
    private readonly db: TransactionalDatabase,
    private readonly retention: Retention,
  ) {}

  compact(): Promise<boolean> {
    const { clockOffsetMs, tombstoneMs, withdrawalMs, logLength, batchSize } = this.retention;
    return this.db.transaction(async (tx) => {
      await tx.query(LOCK_HEAD);
      const [old] = await tx.query<{ horizon: string | null; lines: string }>(OLD_END, [
        clockOffsetMs,
        tombstoneMs,
        logLength,
        batchSize,
      ]);
      const horizon = old?.horizon ?? null;
      if (horizon !== null) {
        await tx.query("UPDATE feed_head SET horizon = greatest(horizon, $1)", [horizon]);
        await tx.query(FORGET_LINES, [horizon]);
      }
      const [folded] = await tx.query<{ items: string }>(FOLD, [clockOffsetMs, withdrawalMs, batchSize]);
      await tx.query(FORGET_EQUIVOCATIONS);
      return Number(old?.lines ?? 0) >= batchSize || Number(folded?.items ?? 0) >= batchSize;
    });
  }
}
