import type { Sessions } from "../services/catalog-ports.js";
import { changeItems, LOCK_HEAD, shiftedNow } from "./feed-sql.js";
import { notify } from "./member-items.repository.js";
import type { TransactionalDatabase } from "./queryable.js";

/** Periods of liveness, in ms. */
export interface LivenessPeriods {
  /** How often a process renews its row. */
  readonly renewMs: number;
  /** How long after its last session a cluster becomes stale. */
  readonly staleMs: number;
  /** How long a stale cluster stays listed. */
  readonly removeMs: number;
  /** How long after an outage nobody becomes stale. */
  readonly graceMs: number;
  /** Shift of the database's clock. */
  readonly clockOffsetMs: number;
}

const NOW = shiftedNow("$1::double precision");
const ms = (parameter: string): string => `${parameter}::double precision * interval '1 millisecond'`;

/**
 * Begins a grace if there was an outage: nobody has renewed for one and a half periods ($3), or this process ($2) began while none
 * of those before it lived on. $4 grace.
 */
const GRACE = `
  UPDATE liveness_state SET grace_until = greatest(grace_until, ${NOW} + ${ms("$4")})
  WHERE COALESCE((SELECT max(renewed_at) FROM broker_instances), '-infinity') < ${NOW} - 1.5 * ${ms("$3")}
    OR EXISTS (SELECT FROM broker_instances me WHERE me.instance = $2 AND me.renewed_at = me.started_at AND NOT EXISTS (
      SELECT FROM broker_instances b WHERE b.started_at < me.started_at AND b.renewed_at > me.started_at))`;

const RENEW = `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now)
  INSERT INTO broker_instances (instance, started_at, renewed_at) SELECT $2::uuid, now, now FROM clock
  ON CONFLICT (instance) DO UPDATE SET renewed_at = excluded.renewed_at`;

/** $1 instance, $2 sessions, $3 their fingerprints. */
const OPEN = `
  INSERT INTO member_sessions (session, instance, fingerprint) SELECT s, $1, f FROM unnest($2::text[], $3::text[]) AS o(s, f)
  ON CONFLICT (instance, session) DO UPDATE SET ended_at = NULL WHERE member_sessions.ended_at IS NOT NULL`;

const CLOSE = `UPDATE member_sessions SET ended_at = ${NOW} WHERE instance = $2 AND session = $3 AND ended_at IS NULL`;

const CLOSE_OTHERS = `UPDATE member_sessions SET ended_at = ${NOW} WHERE instance = $2 AND ended_at IS NULL AND session <> ALL($3::text[])`;

/** A process that has been silent for ten stale periods ($2) is gone; its sessions ended when it was last heard of. */
const BURY = `
  WITH gone AS (DELETE FROM broker_instances WHERE renewed_at < ${NOW} - 10 * ${ms("$2")} RETURNING instance, renewed_at)
  UPDATE member_sessions s SET ended_at = gone.renewed_at FROM gone WHERE s.instance = gone.instance AND s.ended_at IS NULL`;

/** $2 how long ago a session ended that nobody asks about any more. */
const FORGET = `DELETE FROM member_sessions WHERE ended_at < ${NOW} - ${ms("$2")}`;

/** When the item's cluster was last seen alive: a session counts until it ended, or until its process last renewed. */
const LAST_ALIVE = `greatest(i.changed_at, (
  SELECT max(COALESCE(s.ended_at, b.renewed_at)) FROM member_sessions s LEFT JOIN broker_instances b USING (instance) WHERE s.fingerprint = i.fingerprint))`;

const OVERDUE = `i.kind = 'CLUSTER' AND NOT i.removed AND i.stale_since IS NULL AND ${LAST_ALIVE} < ${NOW} - ${ms("$2")}
  AND (SELECT grace_until FROM liveness_state) < ${NOW}`;

const RETURNED = `i.kind = 'CLUSTER' AND NOT i.removed AND i.stale_since IS NOT NULL AND EXISTS (
  SELECT FROM member_sessions s JOIN broker_instances b USING (instance)
  WHERE s.fingerprint = i.fingerprint AND s.ended_at IS NULL AND b.renewed_at > ${NOW} - ${ms("$2")})`;

/** Also offers that were left without their cluster. */
const ABANDONED = `NOT i.removed AND NOT EXISTS (SELECT FROM catalog_items c WHERE c.fingerprint = i.fingerprint AND c.kind = 'CLUSTER'
  AND NOT c.removed AND (c.stale_since IS NULL OR to_timestamp(c.stale_since) > ${NOW} - ${ms("$2")}))`;

interface Step {
  readonly where: string;
  readonly change: string;
}

const step = (where: string, set: string, op: "UPSERT" | "REMOVE"): Step => ({
  where,
  change: changeItems(where, set, op),
});

const RETURN = step(RETURNED, "stale_since = NULL", "UPSERT");
const GROW_STALE = step(OVERDUE, `stale_since = floor(extract(epoch FROM ${LAST_ALIVE}))::bigint`, "UPSERT");
const ABANDON = step(ABANDONED, "removed = true", "REMOVE");

/** Sessions of members in PostgreSQL, whose clock alone counts. One per process, known by its random `instance` (uuid). */
export class SessionRepository implements Sessions {
  constructor(
    private readonly db: TransactionalDatabase,
    private readonly instance: string,
    private readonly periods: LivenessPeriods,
  ) {}

  async renew(open: ReadonlyMap<string, string>): Promise<void> {
    const { clockOffsetMs, renewMs, graceMs } = this.periods;
    const sessions = [...open.keys()];
    await this.db.transaction(async (tx) => {
      await tx.query(GRACE, [clockOffsetMs, this.instance, renewMs, graceMs]);
      await tx.query(RENEW, [clockOffsetMs, this.instance]);
      await tx.query(OPEN, [this.instance, sessions, [...open.values()]]);
      await tx.query(CLOSE_OTHERS, [clockOffsetMs, this.instance, sessions]);
    });
  }

  async open(session: string, fingerprint: string): Promise<void> {
    await this.db.query(OPEN, [this.instance, [session], [fingerprint]]);
    await this.take(RETURN, this.periods.staleMs);
  }

  async close(session: string): Promise<void> {
    await this.db.query(CLOSE, [this.periods.clockOffsetMs, this.instance, session]);
  }

  async end(): Promise<void> {
    await this.db.query(CLOSE_OTHERS, [this.periods.clockOffsetMs, this.instance, []]);
    await this.db.query("DELETE FROM broker_instances WHERE instance = $1", [this.instance]);
  }

  async sweep(): Promise<void> {
    const { clockOffsetMs, staleMs, removeMs } = this.periods;
    await this.take(RETURN, staleMs);
    await this.take(GROW_STALE, staleMs);
    await this.take(ABANDON, removeMs);
    await this.db.query(BURY, [clockOffsetMs, staleMs]);
    await this.db.query(FORGET, [clockOffsetMs, staleMs + removeMs]);
  }

  /** Takes the lock of the head row only when there is something to change, and then looks again. */
  private async take({ where, change }: Step, periodMs: number): Promise<void> {
    const parameters = [this.periods.clockOffsetMs, periodMs];
    const found = await this.db.query(`SELECT 1 FROM catalog_items i WHERE ${where} LIMIT 1`, parameters);
    if (found.length === 0) return;
    await this.db.transaction(async (tx) => {
      await tx.query(LOCK_HEAD);
      const [row] = await tx.query<{ head: string }>(change, parameters);
      if (row !== undefined) await notify(tx, row.head);
    });
  }
}
