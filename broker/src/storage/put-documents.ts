import type { ItemDocument } from "../domain/item-document.js";
import type { Judgement, Verdict } from "../domain/publication.js";
import { shiftedNow } from "./feed-sql.js";

/** Bounds that the statement enforces itself, because only under the lock they hold. */
export interface PutLimits {
  /** Offers that one member may list. */
  readonly offersPerMember: number;
  /** How far a number may be ahead of the clock, in ms. */
  readonly aheadMs: number;
  /** Shift of the database's clock, in ms. */
  readonly clockOffsetMs: number;
}

interface PutRow {
  readonly n: number;
  readonly verdict: Verdict;
  readonly known: string | null;
  /** The head after the statement; null if nothing was written. */
  readonly head: string | null;
}

/** What became of the documents, in their order, and the head if it moved. */
export interface PutResult {
  readonly judgements: readonly Judgement[];
  readonly head: string | null;
}

const COLUMNS = `n int, fingerprint text, kind text, offer_id text, cluster_id text, number bigint, digest text, jws text, withdrawn boolean,
  search_text text, cluster_name text, offer_name text, sort_name text, offer_type text, created bigint, on_sale boolean, labels jsonb,
  cost_currency text, cost_monthly numeric, available bigint, plans json`;

const STORED = `cluster_id, number, digest, jws, withdrawn, search_text, cluster_name, offer_name, sort_name, offer_type, created, on_sale,
  labels, cost_currency, cost_monthly, available`;

/** Every stored column takes the value of the new document. */
const REPLACED = [...STORED.split(",").map((column) => column.trim()), "removed", "revision"]
  .map((column) => `${column} = excluded.${column}`)
  .join(", ");

const JUDGED = `
  input AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS i(${COLUMNS})),
  known AS (
    SELECT i.*, k.number AS known_number, k.digest AS known_digest, k.jws AS known_jws, k.revision AS previous,
      k.removed AS known_removed, k.number = i.number AND k.digest = i.digest AS is_same,
      k.removed = i.withdrawn AND k.cluster_id = i.cluster_id AND k.stale_since IS NULL AS is_current,
      f.number AS floor_number, f.digest AS floor_digest, f.jws AS floor_jws, m.status = 'ADMITTED' AS is_member,
      extract(epoch FROM ${shiftedNow("$2::double precision")}) * 1000 + $3 AS ahead
    FROM input i LEFT JOIN members m ON m.fingerprint = i.fingerprint LEFT JOIN catalog_floors f ON f.fingerprint = i.fingerprint AND i.kind = 'OFFER'
      LEFT JOIN catalog_items k ON (k.fingerprint, k.kind, k.offer_id) = (i.fingerprint, i.kind, i.offer_id)
  ), numbered AS (
    SELECT *, CASE
      WHEN is_member IS NOT TRUE THEN 'NOT_A_MEMBER'
      WHEN number > ahead THEN 'NUMBER_AHEAD'
      WHEN known_number > number OR known_number IS NULL AND floor_number >= number AND floor_digest <> digest THEN 'OUTDATED'
      WHEN known_number = number AND NOT is_same THEN 'EQUIVOCATION'
      WHEN is_same AND is_current THEN 'SAME'
      ELSE 'WRITTEN' END AS verdict
    FROM known
  ), counted AS (
    SELECT *, kind = 'OFFER' AND verdict = 'WRITTEN' AND NOT withdrawn AND known_removed IS NOT FALSE AS is_new FROM numbered
  ), judged AS MATERIALIZED (
    SELECT *, CASE WHEN is_new AND row_number() OVER (PARTITION BY fingerprint, is_new ORDER BY n) + (
      SELECT count(*) FROM catalog_items l WHERE l.fingerprint = c.fingerprint AND l.kind = 'OFFER' AND NOT l.removed
    ) > $4 THEN 'OFFER_LIMIT' ELSE verdict END AS final
    FROM counted c
  )`;

/**
 * Judges documents and writes the accepted ones with the next revisions. Under the lock of the head row; ids unique.
 * $1 documents, $2 clock shift (ms), $3 allowed lead of numbers (ms), $4 offers per member.
 */
const PUT_DOCUMENTS = `
  WITH ${JUDGED}, accepted AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY kind, fingerprint, offer_id) AS nth FROM judged WHERE final = 'WRITTEN'
  ), head AS (
    UPDATE feed_head SET revision = revision + (SELECT count(*) FROM accepted) WHERE EXISTS (SELECT FROM accepted)
    RETURNING revision, revision - (SELECT count(*) FROM accepted) AS base
  ), written AS (
    INSERT INTO catalog_items (fingerprint, kind, offer_id, removed, revision, first_revision, ${STORED})
    SELECT fingerprint, kind, offer_id, withdrawn, head.base + nth, head.base + nth, ${STORED} FROM accepted, head
    ON CONFLICT (fingerprint, kind, offer_id) DO UPDATE SET ${REPLACED}, stale_since = NULL, changed_at = clock_timestamp()
  ), logged AS (
    INSERT INTO change_log (revision, op, kind, fingerprint, cluster_id, offer_id, jws, previous)
    SELECT head.base + nth, CASE WHEN withdrawn THEN 'REMOVE' ELSE 'UPSERT' END, kind, fingerprint, cluster_id, offer_id, jws, previous
    FROM accepted, head
  ), plans AS MATERIALIZED (
    SELECT a.fingerprint, a.offer_id, p.* FROM accepted a,
      json_to_recordset(a.plans) AS p(plan_id text, currency text, cost_micros numeric, cost_monthly numeric, available bigint, amounts text)
  ), gone AS (
    DELETE FROM catalog_plans p USING accepted a WHERE a.previous IS NOT NULL AND a.kind = 'OFFER'
      AND (p.fingerprint, p.offer_id) = (a.fingerprint, a.offer_id)
      AND NOT EXISTS (SELECT FROM plans n WHERE (n.fingerprint, n.offer_id, n.plan_id) = (p.fingerprint, p.offer_id, p.plan_id))
  ), planned AS (
    INSERT INTO catalog_plans SELECT fingerprint, offer_id, plan_id, currency, cost_micros, cost_monthly, available, amounts::jsonb FROM plans
    ON CONFLICT (fingerprint, offer_id, plan_id) DO UPDATE SET currency = excluded.currency, cost_micros = excluded.cost_micros,
      cost_monthly = excluded.cost_monthly, available = excluded.available, amounts = excluded.amounts
  ), liars AS (
    INSERT INTO equivocations (fingerprint, kind, offer_id, number, first_jws, second_jws)
    SELECT fingerprint, kind, offer_id, number, known_jws, jws FROM judged WHERE final = 'EQUIVOCATION' ON CONFLICT DO NOTHING
  )
  SELECT j.n, j.final AS verdict, head.revision AS head,
    CASE WHEN final IN ('OUTDATED', 'EQUIVOCATION') THEN COALESCE(known_jws, floor_jws) END AS known
  FROM judged j LEFT JOIN head ON true ORDER BY j.n`;

/** Runs one parameterised statement on the connection that holds the head row. */
export type RunStatement = <Row>(sql: string, parameters: readonly unknown[]) => Promise<readonly Row[]>;

/** Puts documents into the catalog. The caller holds the head row in the same transaction; (fingerprint, kind, offer_id) are unique. */
export async function putDocuments(
  run: RunStatement,
  documents: readonly ItemDocument[],
  limits: PutLimits,
): Promise<PutResult> {
  const input = JSON.stringify(documents.map((document, n) => ({ n, ...document })));
  const rows = await run<PutRow>(PUT_DOCUMENTS, [input, limits.clockOffsetMs, limits.aheadMs, limits.offersPerMember]);
  return { judgements: rows.map(({ verdict, known }) => ({ verdict, known })), head: rows[0]?.head ?? null };
}
