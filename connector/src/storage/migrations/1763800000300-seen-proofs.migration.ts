import { SEEN_PROOFS_DOWN, SEEN_PROOFS_UP } from "@catalog/server/auth/seen-proofs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Request proofs that were used at the contract endpoint. */
export class SeenProofs1763800000300 implements MigrationInterface {
  readonly name = "SeenProofs1763800000300";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of SEEN_PROOFS_UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of SEEN_PROOFS_DOWN) await runner.query(statement);
  }
}
