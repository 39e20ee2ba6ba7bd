import { SEEN_PROOFS_DOWN, SEEN_PROOFS_UP } from "@catalog/server/auth/seen-proofs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Request proofs that were used. */
export class SeenProofs1790000000003 implements MigrationInterface {
  readonly name = "SeenProofs1790000000003";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of SEEN_PROOFS_UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of SEEN_PROOFS_DOWN) await runner.query(statement);
  }
}
