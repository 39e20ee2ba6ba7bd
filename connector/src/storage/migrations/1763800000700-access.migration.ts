import { SESSIONS_DOWN, SESSIONS_UP } from "@catalog/server/auth/sessions/sql-sessions";
import type { MigrationInterface, QueryRunner } from "typeorm";

const SCRIPT_TOKENS = [
  `CREATE TABLE script_tokens (
     token_id text PRIMARY KEY,
     name text NOT NULL,
     role text NOT NULL CHECK (role IN ('VIEWER', 'CUSTOMER', 'PROVIDER', 'ADMIN')),
     token_hash text NOT NULL UNIQUE,
     created bigint NOT NULL,
     created_by text NOT NULL,
     expires_at bigint,
     last_used_at bigint,
     revoked_at bigint
   )`,
  `CREATE INDEX script_tokens_created ON script_tokens (created DESC, token_id DESC)`,
];

/** Sessions of people, and tokens of scripts. Times are Unix seconds. */
export class Access1763800000700 implements MigrationInterface {
  readonly name = "Access1763800000700";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...SESSIONS_UP, ...SCRIPT_TOKENS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [`DROP TABLE script_tokens`, ...SESSIONS_DOWN]) await runner.query(statement);
  }
}
