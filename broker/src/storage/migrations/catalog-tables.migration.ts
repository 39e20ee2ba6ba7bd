import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * The catalog, its change log and what keeps it honest. `number` is the issuer's `rev` or `seq`, `revision` this Broker's own count
 * of changes. Times are Unix seconds where a document or the API names them, timestamps where only the Broker uses them.
 */
export class CatalogTables1790000000002 implements MigrationInterface {
  readonly name = "CatalogTables1790000000002";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...FEED, ...ITEMS, ...TRUST, ...LIVENESS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE feed_head, change_log, catalog_items, catalog_plans, catalog_floors, equivocations,
      broker_instances, member_sessions, liveness_state`);
  }
}

const FEED = [
  // One row: whoever holds its lock writes the next revisions. The fill factor keeps its many versions in one page.
  `CREATE TABLE feed_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    epoch_began timestamptz NOT NULL DEFAULT clock_timestamp(),
    revision bigint NOT NULL DEFAULT 0,
    horizon bigint NOT NULL DEFAULT 0 CHECK (horizon <= revision),
    meta uuid NOT NULL DEFAULT gen_random_uuid(),
    database_identity text
  ) WITH (fillfactor = 10)`,
  `INSERT INTO feed_head DEFAULT VALUES`,
  `CREATE TABLE change_log (
    revision bigint PRIMARY KEY,
    mark uuid NOT NULL DEFAULT gen_random_uuid(),
    op text NOT NULL CHECK (op IN ('UPSERT', 'REMOVE')),
    kind text NOT NULL CHECK (kind IN ('CLUSTER', 'OFFER')),
    fingerprint text NOT NULL,
    cluster_id text NOT NULL,
    offer_id text NOT NULL,
    stale_since bigint,
    jws text,
    previous bigint,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
];

const ITEMS = [
  // The document is the truth, every column after `changed_at` an index of it for search.
  `CREATE TABLE catalog_items (
    fingerprint text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('CLUSTER', 'OFFER')),
    offer_id text NOT NULL,
    cluster_id text NOT NULL,
    number bigint NOT NULL,
    digest text NOT NULL,
    jws text NOT NULL,
    removed boolean NOT NULL,
    withdrawn boolean NOT NULL,
    revision bigint NOT NULL UNIQUE,
    first_revision bigint NOT NULL,
    stale_since bigint,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    search_text text NOT NULL,
    cluster_name text,
    offer_name text,
    sort_name text COLLATE "C",
    offer_type text,
    created bigint,
    on_sale boolean,
    labels jsonb,
    cost_currency text,
    cost_monthly numeric,
    available bigint,
    PRIMARY KEY (fingerprint, kind, offer_id),
    CHECK ((kind = 'CLUSTER') = (offer_id = '')),
    CHECK (removed OR NOT withdrawn)
  )`,
  `CREATE INDEX catalog_items_live ON catalog_items (fingerprint) WHERE NOT removed`,
  `CREATE INDEX catalog_items_cluster ON catalog_items (cluster_id) WHERE NOT removed`,
  `CREATE INDEX catalog_items_labels ON catalog_items USING gin (labels jsonb_path_ops) WHERE NOT removed`,
  `CREATE INDEX catalog_items_gone ON catalog_items (changed_at) WHERE removed`,
  // Amounts are canonical resource names with whole nano-units: jsonb keeps numbers as numeric, so comparisons are exact.
  `CREATE TABLE catalog_plans (
    fingerprint text NOT NULL,
    offer_id text NOT NULL,
    plan_id text NOT NULL,
    currency text NOT NULL,
    cost_micros numeric NOT NULL,
    cost_monthly numeric NOT NULL,
    available bigint NOT NULL,
    amounts jsonb NOT NULL,
    PRIMARY KEY (fingerprint, offer_id, plan_id)
  )`,
  `CREATE INDEX catalog_plans_cost ON catalog_plans (currency, cost_monthly)`,
];

const TRUST = [
  // The highest number among a cluster's forgotten items, with the document that proves it.
  `CREATE TABLE catalog_floors (
    fingerprint text PRIMARY KEY,
    number bigint NOT NULL,
    digest text NOT NULL,
    jws text NOT NULL
  )`,
  `CREATE TABLE equivocations (
    fingerprint text NOT NULL,
    kind text NOT NULL,
    offer_id text NOT NULL,
    number bigint NOT NULL,
    first_jws text NOT NULL,
    second_jws text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (fingerprint, kind, offer_id, number)
  )`,
];

const LIVENESS = [
  // A process renews its own row; its members' sessions live as long as it does.
  `CREATE TABLE broker_instances (
    instance uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL
  )`,
  `CREATE TABLE member_sessions (
    instance uuid NOT NULL,
    session text NOT NULL,
    fingerprint text NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (instance, session)
  )`,
  `CREATE INDEX member_sessions_member ON member_sessions (fingerprint)`,
  `CREATE TABLE liveness_state (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    grace_until timestamptz NOT NULL DEFAULT '-infinity'
  )`,
  `INSERT INTO liveness_state DEFAULT VALUES`,
];
