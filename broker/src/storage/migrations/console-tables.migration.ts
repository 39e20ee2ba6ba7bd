import { SESSIONS_DOWN, SESSIONS_UP } from "@catalog/server/auth/sessions/sql-sessions";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Sessions of the operator, and what the console reads by time. */
export class ConsoleTables1790000000004 implements MigrationInterface {
  readonly name = "ConsoleTables1790000000004";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of SESSIONS_UP) await runner.query(statement);
    await runner.query(`CREATE INDEX equivocations_seen_at ON equivocations (seen_at DESC)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX equivocations_seen_at`);
    for (const statement of SESSIONS_DOWN) await runner.query(statement);
  }
}
