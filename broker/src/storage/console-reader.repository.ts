import type { MemberStatus } from "../domain/member.js";
import type { Page } from "../domain/page.js";
import { readCluster } from "../domain/read-document.js";
import type {
  ConsoleReader,
  LogFigures,
  MemberSelection,
  SeenEquivocation,
  WatchedMember,
} from "../services/console-ports.js";
import { shiftedNow } from "./feed-sql.js";
import { toNumber, toNumberOrNull, type Queryable } from "./queryable.js";

interface MemberRow {
  readonly fingerprint: string;
  readonly descriptor: string;
  readonly status: MemberStatus;
  readonly requested_at: string;
  readonly admitted_at: string | null;
  readonly stale_since: string | null;
  readonly offers: string;
  readonly sockets: string;
  readonly last_seen: string | null;
}

interface EquivocationRow {
  readonly id: string;
  readonly fingerprint: string;
  readonly kind: "CLUSTER" | "OFFER";
  readonly offer_id: string;
  readonly number: string;
  readonly first_jws: string;
  readonly second_jws: string;
  readonly seen_at: string;
}

interface FigureRow {
  readonly revision: string;
  readonly horizon: string;
  readonly epoch: string;
  readonly epoch_began: string;
  readonly changes: string;
  readonly clusters: string;
  readonly offers: string;
}

const NOW = shiftedNow("$1::double precision");

/** $1 shift of the clock, $2 silence in ms after which a process counts as gone. */
const MEMBERS = `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now), seen AS (
    SELECT s.fingerprint, max(COALESCE(s.ended_at, b.renewed_at)) AS last_seen,
      count(*) FILTER (WHERE s.ended_at IS NULL AND b.renewed_at > clock.now - $2::double precision * interval '1 millisecond') AS sockets
    FROM clock CROSS JOIN member_sessions s LEFT JOIN broker_instances b USING (instance) GROUP BY s.fingerprint
  ), listed AS (
    SELECT fingerprint, count(*) AS offers FROM catalog_items WHERE kind = 'OFFER' AND NOT removed GROUP BY fingerprint
  ), watched AS (
    SELECT m.*, c.stale_since, COALESCE(l.offers, 0) AS offers, COALESCE(s.sockets, 0) AS sockets,
      floor(extract(epoch FROM s.last_seen))::bigint AS last_seen
    FROM members m LEFT JOIN seen s USING (fingerprint) LEFT JOIN listed l USING (fingerprint)
    LEFT JOIN catalog_items c ON c.fingerprint = m.fingerprint AND c.kind = 'CLUSTER'
  )`;

const COLUMNS = "fingerprint, descriptor, status, requested_at, admitted_at, stale_since, offers, sockets, last_seen";

const SEARCHED = "cluster_pretty_name || ' ' || cluster_name || ' ' || cluster_id || ' ' || fingerprint";

const EQUIVOCATION_ID = "concat_ws(' ', fingerprint, kind, number, offer_id)";

/** The newest changes that the rate is counted among. */
const COUNTED_CHANGES = 20_000;

const FIGURES = `
  SELECT h.revision, h.horizon, h.epoch, floor(extract(epoch FROM h.epoch_began))::bigint AS epoch_began,
    (SELECT count(*) FROM change_log l WHERE l.revision > h.revision - ${COUNTED_CHANGES} AND l.changed_at > clock_timestamp() - interval '1 minute') AS changes,
    (SELECT count(*) FROM catalog_items i WHERE i.kind = 'CLUSTER' AND NOT i.removed) AS clusters,
    (SELECT count(*) FROM catalog_items i WHERE i.kind = 'OFFER' AND NOT i.removed) AS offers
  FROM feed_head h`;

/** The Broker as its operator sees it, in PostgreSQL. */
export class ConsoleReaderRepository implements ConsoleReader {
  /** @param staleMs silence after which another process's connections count as gone. */
  constructor(
    private readonly db: Queryable,
    private readonly staleMs: number,
    private readonly clockOffsetMs: number,
  ) {}

  async members({ status, text }: MemberSelection, { first, after }: Page): Promise<readonly WatchedMember[]> {
    const rows = await this.db.query<MemberRow>(
      `${MEMBERS} SELECT ${COLUMNS} FROM watched
       WHERE ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR position(lower($4) IN lower(${SEARCHED})) > 0)
         AND ($5::text IS NULL OR fingerprint COLLATE "C" > $5)
       ORDER BY fingerprint COLLATE "C" LIMIT $6`,
      [this.clockOffsetMs, this.staleMs, status, text, after, first],
    );
    return rows.map(toMember);
  }

  async membersAmong(fingerprints: readonly string[]): Promise<readonly WatchedMember[]> {
    const rows = await this.db.query<MemberRow>(
      `${MEMBERS} SELECT ${COLUMNS} FROM watched WHERE fingerprint = ANY($3::text[]) ORDER BY fingerprint COLLATE "C"`,
      [this.clockOffsetMs, this.staleMs, fingerprints],
    );
    return rows.map(toMember);
  }

  async states(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db.query<{ fingerprint: string; state: string }>(
      `${MEMBERS} SELECT fingerprint,
         concat_ws(' ', status, seq, requested_at, admitted_at, stale_since, offers, sockets, CASE WHEN sockets = 0 THEN last_seen END) AS state
       FROM watched`,
      [this.clockOffsetMs, this.staleMs],
    );
    return new Map(rows.map(({ fingerprint, state }) => [fingerprint, state]));
  }

  async equivocations({ first, after }: Page): Promise<readonly SeenEquivocation[]> {
    const rows = await this.db.query<EquivocationRow>(
      `SELECT ${EQUIVOCATION_ID} AS id, fingerprint, kind, offer_id, number, first_jws, second_jws,
         floor(extract(epoch FROM seen_at))::bigint AS seen_at
       FROM equivocations e
       WHERE $1::text IS NULL OR (e.seen_at, ${EQUIVOCATION_ID}) < (SELECT e.seen_at, $1::text FROM equivocations e WHERE ${EQUIVOCATION_ID} = $1)
       ORDER BY e.seen_at DESC, id DESC LIMIT $2`,
      [after, first],
    );
    return rows.map(toEquivocation);
  }

  async figures(): Promise<LogFigures> {
    const [row] = await this.db.query<FigureRow>(FIGURES);
    if (row === undefined) throw new TypeError("the head row of the feed is missing");
    return {
      head: toNumber(row.revision),
      horizon: toNumber(row.horizon),
      epoch: row.epoch,
      epochBegan: toNumber(row.epoch_began),
      changesLastMinute: toNumber(row.changes),
      clusters: toNumber(row.clusters),
      offers: toNumber(row.offers),
    };
  }
}

function toMember(row: MemberRow): WatchedMember {
  return {
    cluster: {
      ...readCluster(row.descriptor, toNumberOrNull(row.stale_since)),
      status: row.status,
      requestedAt: toNumber(row.requested_at),
      admittedAt: toNumberOrNull(row.admitted_at),
    },
    offers: toNumber(row.offers),
    sockets: toNumber(row.sockets),
    lastSeen: toNumberOrNull(row.last_seen),
  };
}

function toEquivocation(row: EquivocationRow): SeenEquivocation {
  return {
    equivocationID: row.id,
    fingerprint: row.fingerprint,
    kind: row.kind,
    offerID: row.kind === "OFFER" ? row.offer_id : null,
    number: toNumber(row.number),
    first: row.first_jws,
    second: row.second_jws,
    seenAt: toNumber(row.seen_at),
  };
}
