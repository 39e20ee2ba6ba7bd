import type { FeedKind, FeedOp } from "@catalog/schema/feed";

import type { CatalogChange } from "../domain/feed-change.js";
import type { FeedHead, FeedLog, ItemPage, LogEntry, StoredItem } from "../services/catalog-ports.js";
import { BEGIN_EPOCH, HEAD_COLUMNS, NOTE_IDENTITY, READ_HEAD } from "./feed-sql.js";
import { toNumber, toNumberOrNull, type Queryable } from "./queryable.js";

interface HeadRow {
  readonly epoch: string;
  readonly head: string;
  readonly head_mark: string;
  readonly horizon: string;
  readonly genesis: string;
  readonly epoch_began: string;
}

interface IdentityRow extends HeadRow {
  readonly database_identity: string | null;
  readonly present_identity: string;
}

/** The columns of a change are null on the one row that a read without changes gives. */
interface ChangeRow extends HeadRow {
  readonly revision: string | null;
  readonly mark: string;
  readonly op: FeedOp;
  readonly kind: FeedKind;
  readonly fingerprint: string;
  readonly cluster_id: string;
  readonly cluster_name: string | null;
  readonly offer_id: string;
  readonly stale_since: string | null;
  readonly jws: string | null;
  readonly previous: string | null;
}

interface ItemRow extends ChangeRow {
  readonly first_revision: string;
}

const LOG_COLUMNS =
  "l.revision, l.mark, l.op, l.kind, l.fingerprint, l.cluster_id, l.offer_id, l.stale_since, l.previous, c.cluster_name";

/** The name of an offer's cluster stands in the CLUSTER item. */
const WITH_CLUSTER = (alias: string): string =>
  `LEFT JOIN catalog_items c ON c.fingerprint = ${alias}.fingerprint AND c.kind = 'CLUSTER' AND c.offer_id = ''`;

const ENTRIES_FROM = `SELECT ${HEAD_COLUMNS}, e.* FROM feed_head h LEFT JOIN LATERAL (
    SELECT ${LOG_COLUMNS}, CASE WHEN l.revision > $1 THEN l.jws END AS jws FROM change_log l ${WITH_CLUSTER("l")}
    WHERE l.revision >= $1 ORDER BY l.revision LIMIT $2
  ) e ON true ORDER BY e.revision`;

const ENTRIES_AT = `SELECT ${LOG_COLUMNS}, l.jws FROM change_log l ${WITH_CLUSTER("l")} WHERE l.revision = ANY($1::bigint[])`;

const ITEMS_AFTER = `SELECT ${HEAD_COLUMNS}, e.* FROM feed_head h LEFT JOIN LATERAL (
    SELECT i.revision, CASE WHEN i.removed THEN 'REMOVE' ELSE 'UPSERT' END AS op, i.kind, i.fingerprint, i.cluster_id, i.offer_id,
      i.stale_since, i.first_revision, c.cluster_name, CASE WHEN i.withdrawn OR NOT i.removed THEN i.jws END AS jws
    FROM catalog_items i ${WITH_CLUSTER("i")}
    WHERE i.revision > $1 AND (NOT i.removed OR i.withdrawn OR i.revision > $2) ORDER BY i.revision LIMIT $3
  ) e ON true ORDER BY e.revision`;

/** The change log and the present items in PostgreSQL. Every read tells the head of its own moment: one statement, one snapshot. */
export class FeedLogRepository implements FeedLog {
  constructor(
    private readonly db: Queryable,
    private readonly clockOffsetMs: number,
  ) {}

  async head(): Promise<FeedHead> {
    const row = await this.readHead();
    if (row.database_identity === row.present_identity) return toHead(row);
    if (row.database_identity === null) await this.db.query(NOTE_IDENTITY, [row.present_identity]);
    else await this.beginEpoch(row.epoch);
    return toHead(await this.readHead());
  }

  async beginEpoch(seen: string): Promise<void> {
    await this.db.query(BEGIN_EPOCH, [seen, this.clockOffsetMs]);
  }

  async entriesFrom(revision: number, limit: number): ReturnType<FeedLog["entriesFrom"]> {
    const rows = await this.db.query<ChangeRow>(ENTRIES_FROM, [revision, limit + 1]);
    const entries = rows.filter((row) => row.revision !== null).map(toEntry);
    const own = entries[0]?.change.revision === revision ? entries.shift() : undefined;
    return { head: toHead(first(rows)), mark: own?.mark ?? null, entries };
  }

  async entriesAt(revisions: readonly number[]): Promise<readonly LogEntry[]> {
    return (await this.db.query<ChangeRow>(ENTRIES_AT, [revisions])).map(toEntry);
  }

  async itemsAfter(after: number, base: number, limit: number): Promise<ItemPage> {
    const rows = await this.db.query<ItemRow>(ITEMS_AFTER, [after, base, limit]);
    return { head: toHead(first(rows)), items: rows.filter((row) => row.revision !== null).map(toItem) };
  }

  private async readHead(): Promise<IdentityRow> {
    return first(await this.db.query<IdentityRow>(READ_HEAD));
  }
}

function first<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined)
    throw new Error("The head row of the catalog feed is missing; restore the database from a backup.");
  return row;
}

function toHead(row: HeadRow): FeedHead {
  return {
    epoch: row.epoch,
    revision: toNumber(row.head),
    mark: row.head_mark,
    horizon: toNumber(row.horizon),
    genesis: row.genesis,
    epochBegan: toNumber(row.epoch_began),
  };
}

function toEntry(row: ChangeRow): LogEntry {
  return { mark: row.mark, change: toChange(row) };
}

function toItem(row: ItemRow): StoredItem {
  return { change: toChange(row), firstRevision: toNumber(row.first_revision) };
}

function toChange(row: ChangeRow): CatalogChange {
  return {
    revision: toNumber(row.revision ?? ""),
    op: row.op,
    kind: row.kind,
    fingerprint: row.fingerprint,
    clusterID: row.cluster_id,
    clusterName: row.cluster_name,
    offerID: row.kind === "CLUSTER" ? null : row.offer_id,
    staleSince: toNumberOrNull(row.stale_since),
    jws: row.jws,
    previous: toNumberOrNull(row.previous ?? null),
  };
}
