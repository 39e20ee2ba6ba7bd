/** Channel on which the head revision is told after every commit that changed the catalog. */
export const FEED_CHANNEL = "catalog_feed";

/** Database clock shifted by the parameter with that number, in milliseconds. */
export function shiftedNow(parameter: string): string {
  return `(clock_timestamp() + ${parameter} * interval '1 millisecond')`;
}

/**
 * Takes the one lock under which revisions are given out, until the end of the transaction. What follows in its own
 * statement sees everything that was committed under the lock before.
 */
export const LOCK_HEAD = "SELECT revision FROM feed_head FOR UPDATE";

/** What identifies the place where the head row lives. The timeline is that of the current WAL: a checkpoint tells it too late after a promotion. */
const PRESENT_IDENTITY = `concat_ws(':', h.meta, (SELECT oid FROM pg_database WHERE datname = current_database()),
  'feed_head'::regclass::oid, (SELECT system_identifier FROM pg_control_system()), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))`;

/** The head row with the mark of its revision; before the first change, the table's own uuid is the mark. */
export const HEAD_COLUMNS = `h.epoch, h.revision AS head, h.horizon, h.meta AS genesis, floor(extract(epoch FROM h.epoch_began))::bigint AS epoch_began,
  COALESCE((SELECT mark FROM change_log m WHERE m.revision = h.revision), h.meta) AS head_mark`;

/** The head row and whether its database is still the one in which the epoch began. */
export const READ_HEAD = `SELECT ${HEAD_COLUMNS}, h.database_identity, ${PRESENT_IDENTITY} AS present_identity FROM feed_head h`;

/** Notes where the head row lives, the first time. */
export const NOTE_IDENTITY = "UPDATE feed_head SET database_identity = $1 WHERE database_identity IS NULL";

/** Begins a new epoch unless somebody else has since $1; $2 shifts the clock. */
export const BEGIN_EPOCH = `UPDATE feed_head h SET epoch = gen_random_uuid(), epoch_began = ${shiftedNow("$2::double precision")},
  database_identity = ${PRESENT_IDENTITY} WHERE epoch = $1`;

/**
 * Gives the next revisions to the items that a condition on `i` chooses, changes them and logs the change.
 * @param where SQL condition on the item `i`.
 * @param set SQL assignments to columns of the item.
 * @param op what the log says; for UPSERT the document goes with it.
 */
export function changeItems(where: string, set: string, op: "UPSERT" | "REMOVE"): string {
  return `
    WITH chosen AS MATERIALIZED (
      SELECT i.fingerprint, i.kind, i.offer_id, i.revision AS previous, row_number() OVER (ORDER BY i.kind, i.fingerprint, i.offer_id) AS nth
      FROM catalog_items i WHERE ${where}
    ), head AS (
      UPDATE feed_head SET revision = revision + (SELECT count(*) FROM chosen)
      WHERE EXISTS (SELECT FROM chosen)
      RETURNING revision, revision - (SELECT count(*) FROM chosen) AS base
    ), changed AS (
      UPDATE catalog_items i SET ${set}, revision = head.base + c.nth, changed_at = clock_timestamp()
      FROM chosen c, head
      WHERE (i.fingerprint, i.kind, i.offer_id) = (c.fingerprint, c.kind, c.offer_id)
      RETURNING i.*, c.previous
    ), logged AS (
      INSERT INTO change_log (revision, op, kind, fingerprint, cluster_id, offer_id, stale_since, jws, previous)
      SELECT revision, '${op}', kind, fingerprint, cluster_id, offer_id, stale_since, ${op === "UPSERT" ? "jws" : "NULL"}, previous FROM changed
    ), planless AS (
      DELETE FROM catalog_plans p USING changed c WHERE c.removed AND c.kind = 'OFFER' AND (p.fingerprint, p.offer_id) = (c.fingerprint, c.offer_id)
    )
    SELECT c.fingerprint, c.offer_id, head.revision AS head FROM chosen c, head`;
}
