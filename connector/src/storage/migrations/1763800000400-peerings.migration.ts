import type { MigrationInterface, QueryRunner } from "typeorm";

/** The peerings that contracts entitle to, and their history. Times: Unix seconds. */
export class Peerings1763800000400 implements MigrationInterface {
  readonly name = "Peerings1763800000400";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE peerings (
      peering_id text PRIMARY KEY,
      side text NOT NULL CHECK (side IN ('CUSTOMER', 'PROVIDER')),
      peer jsonb NOT NULL,
      is_wanted boolean NOT NULL,
      has_network boolean NOT NULL,
      state jsonb,
      report jsonb,
      last_error text,
      created bigint NOT NULL,
      changed bigint NOT NULL
    )`);
    await runner.query(`CREATE TABLE peering_events (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      peering_id text NOT NULL REFERENCES peerings,
      at bigint NOT NULL,
      phase text NOT NULL,
      message text NOT NULL
    )`);
    await runner.query(`CREATE INDEX peering_events_by_peering ON peering_events (peering_id, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE peering_events");
    await runner.query("DROP TABLE peerings");
  }
}
