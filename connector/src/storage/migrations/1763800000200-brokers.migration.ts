import type { MigrationInterface, QueryRunner } from "typeorm";

const UP = [
  `CREATE TABLE brokers (
     broker_id       text PRIMARY KEY,
     broker_name     text NOT NULL,
     broker_endpoint text NOT NULL,
     descriptor      text NOT NULL,
     tls_spki        text,
     membership      text NOT NULL CHECK (membership IN ('PENDING', 'ADMITTED')),
     is_subscribed   boolean NOT NULL DEFAULT true,
     registered_at   bigint NOT NULL,
     cursor          text,
     generation      integer NOT NULL DEFAULT 0,
     is_resetting    boolean NOT NULL DEFAULT false,
     synced_at       bigint)`,
  `CREATE TABLE identity_pins (
     fingerprint text PRIMARY KEY,
     cluster_id  text NOT NULL,
     seq         bigint NOT NULL,
     digest      text NOT NULL,
     jws         text NOT NULL,
     is_holder   boolean NOT NULL,
     source      text NOT NULL CHECK (source IN ('BROKER', 'ADMIN')),
     pinned_at   bigint NOT NULL)`,
  `CREATE UNIQUE INDEX identity_pins_holder ON identity_pins (cluster_id) WHERE is_holder`,
  `CREATE TABLE trusted_clusters (
     fingerprint text PRIMARY KEY,
     note        text,
     trusted_at  bigint NOT NULL)`,
  `CREATE TABLE replica_documents (
     fingerprint text NOT NULL,
     offer_id    text NOT NULL,
     rev         bigint NOT NULL,
     digest      text NOT NULL,
     jws         text NOT NULL,
     seen_at     bigint NOT NULL,
     PRIMARY KEY (fingerprint, offer_id))`,
  `CREATE TABLE replica_floors (
     fingerprint text PRIMARY KEY,
     rev         bigint NOT NULL)`,
  `CREATE TABLE replica_listings (
     broker_id   text NOT NULL REFERENCES brokers ON DELETE CASCADE,
     kind        text NOT NULL CHECK (kind IN ('CLUSTER', 'OFFER')),
     fingerprint text NOT NULL,
     offer_id    text NOT NULL,
     generation  integer NOT NULL,
     stale_since bigint,
     pending_jws text,
     PRIMARY KEY (broker_id, kind, fingerprint, offer_id))`,
  `CREATE INDEX replica_listings_pending ON replica_listings (fingerprint) WHERE pending_jws IS NOT NULL`,
  `CREATE TABLE equivocations (
     fingerprint text NOT NULL,
     kind        text NOT NULL CHECK (kind IN ('CLUSTER', 'OFFER')),
     offer_id    text NOT NULL,
     number      bigint NOT NULL,
     first_jws   text NOT NULL,
     second_jws  text NOT NULL,
     broker_id   text NOT NULL,
     seen_at     bigint NOT NULL,
     PRIMARY KEY (fingerprint, kind, offer_id, number))`,
];

const TABLES = [
  "equivocations",
  "replica_listings",
  "replica_floors",
  "replica_documents",
  "trusted_clusters",
  "identity_pins",
  "brokers",
];

/** Brokers, the replica of each, and what is known of other identities. */
export class Brokers1763800000200 implements MigrationInterface {
  readonly name = "Brokers1763800000200";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE ${table}`);
  }
}
