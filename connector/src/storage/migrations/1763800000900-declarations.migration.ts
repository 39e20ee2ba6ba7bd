import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = ["own_offers", "brokers"];

/** Which offers and registrations a declaration made, and may change and take back. */
export class Declarations1763800000900 implements MigrationInterface {
  readonly name = "Declarations1763800000900";

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES)
      await runner.query(`ALTER TABLE ${table} ADD COLUMN is_declared boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN is_declared`);
  }
}
