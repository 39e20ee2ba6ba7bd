import type { MigrationInterface, QueryRunner } from "typeorm";

const STATEMENTS = [
  `CREATE TABLE cluster (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    pretty_name text,
    contract_endpoint text,
    created bigint,
    descriptor text,
    last_number bigint NOT NULL DEFAULT 0,
    incarnation text NOT NULL DEFAULT '',
    database_mark uuid NOT NULL DEFAULT gen_random_uuid(),
    database_identity text NOT NULL DEFAULT ''
  )`,
  `INSERT INTO cluster DEFAULT VALUES`,
  `CREATE TABLE own_offers (
    offer_id text PRIMARY KEY,
    offer jsonb NOT NULL,
    rev bigint NOT NULL,
    terms_rev bigint NOT NULL,
    jws text NOT NULL,
    digest text NOT NULL,
    is_withdrawn boolean NOT NULL,
    signed_at bigint NOT NULL
  )`,
  `CREATE TABLE plan_stock (
    offer_id text NOT NULL,
    plan_id text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    overcommitted bigint NOT NULL DEFAULT 0 CHECK (overcommitted >= 0),
    PRIMARY KEY (offer_id, plan_id),
    CONSTRAINT plan_stock_never_oversold CHECK (held <= quantity + overcommitted)
  )`,
  `CREATE TABLE contracts (
    contract_id text PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('BUYER', 'SELLER')),
    state text NOT NULL,
    counterparty text NOT NULL,
    counterparty_key jsonb NOT NULL,
    request_id text UNIQUE,
    request jsonb NOT NULL,
    request_hash text NOT NULL,
    buyer jsonb NOT NULL,
    seller jsonb NOT NULL,
    offer jsonb,
    offer_rev bigint NOT NULL,
    offer_digest text NOT NULL,
    version bigint NOT NULL,
    incarnation text NOT NULL,
    terms text,
    terms_hash text,
    contract text,
    receipt text,
    activation text,
    peering text,
    notice text,
    code text,
    message text,
    created bigint NOT NULL,
    changed bigint NOT NULL,
    valid_from bigint,
    approve_by bigint,
    reserved_until bigint,
    ack_by bigint,
    activated_at bigint,
    valid_until bigint,
    ended_at bigint,
    released_at bigint,
    is_holding boolean NOT NULL,
    is_told_of_end boolean NOT NULL,
    is_breach boolean NOT NULL,
    is_restored boolean NOT NULL,
    buyer_cluster_id text GENERATED ALWAYS AS (buyer ->> 'clusterID') STORED,
    is_live boolean GENERATED ALWAYS AS (state NOT IN ('REJECTED', 'EXPIRED', 'TERMINATED', 'RENEWED')) STORED,
    due_at bigint GENERATED ALWAYS AS (CASE
      WHEN state = 'PENDING_APPROVAL' AND role = 'SELLER' THEN least(approve_by, valid_until)
      WHEN state = 'RESERVED' AND role = 'SELLER' THEN least(reserved_until, valid_until)
      WHEN state = 'CONFIRMED' AND role = 'SELLER' THEN least(ack_by, valid_until)
      WHEN state = 'ACTIVE' AND role = 'SELLER' THEN valid_until
      WHEN state = 'ACTIVE' THEN valid_until + 300
    END) STORED
  )`,
  `CREATE INDEX contracts_counterparty ON contracts (counterparty, role, version)`,
  `CREATE INDEX contracts_new_ids ON contracts (counterparty, created)`,
  `CREATE INDEX contracts_sold ON contracts (buyer_cluster_id) WHERE role = 'SELLER' AND activated_at IS NOT NULL`,
  `CREATE INDEX contracts_holding ON contracts (contract_id) WHERE is_holding`,
  `CREATE INDEX contracts_due ON contracts (due_at) WHERE due_at IS NOT NULL`,
  `CREATE INDEX contracts_live ON contracts (role, counterparty) WHERE is_live`,
  `CREATE TABLE contract_timeline (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id text NOT NULL,
    state text NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    code text,
    message text
  )`,
  `CREATE INDEX contract_timeline_contract ON contract_timeline (contract_id, id)`,
  `CREATE TABLE contract_tombstones (
    counterparty text NOT NULL,
    contract_id text NOT NULL,
    notice text NOT NULL,
    version bigint NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (counterparty, contract_id)
  )`,
  `CREATE INDEX contract_tombstones_created ON contract_tombstones (counterparty, created)`,
  `CREATE TABLE buyers (
    fingerprint text PRIMARY KEY,
    first_seen bigint NOT NULL
  )`,
  `CREATE TABLE plan_blocks (
    buyer text NOT NULL,
    offer_id text NOT NULL,
    plan_id text NOT NULL,
    lapses integer NOT NULL,
    blocked_until bigint NOT NULL,
    PRIMARY KEY (buyer, offer_id, plan_id)
  )`,
  `CREATE TABLE sellers (
    fingerprint text PRIMARY KEY,
    incarnation text NOT NULL
  )`,
  `CREATE TABLE allowances (
    cluster_id text PRIMARY KEY,
    is_unlimited boolean NOT NULL,
    resources jsonb NOT NULL,
    names_ever jsonb NOT NULL
  )`,
  `CREATE TABLE outbox (
    kind text NOT NULL,
    subject text NOT NULL,
    peer text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    round bigint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    PRIMARY KEY (kind, subject)
  )`,
  `CREATE INDEX outbox_due ON outbox (due_at)`,
  `CREATE TABLE activity (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL
  )`,
];

const TABLES = [
  "activity",
  "outbox",
  "allowances",
  "sellers",
  "plan_blocks",
  "buyers",
  "contract_tombstones",
  "contract_timeline",
  "contracts",
  "plan_stock",
  "own_offers",
  "cluster",
];

/** The tables of the own cluster: profile, offers, stock, contracts of both roles, and the work that waits. Times: Unix seconds; signed_at and outbox.due_at: Unix ms. */
export class Ledger1763800000100 implements MigrationInterface {
  readonly name = "Ledger1763800000100";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE ${table}`);
  }
}
