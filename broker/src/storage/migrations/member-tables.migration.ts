import type { MigrationInterface, QueryRunner } from "typeorm";

/** Members, tokens and shared settings. Times are Unix seconds. */
export class MemberTables1790000000001 implements MigrationInterface {
  readonly name = "MemberTables1790000000001";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE members (
        fingerprint text PRIMARY KEY,
        cluster_id text NOT NULL,
        cluster_name text NOT NULL,
        cluster_pretty_name text NOT NULL,
        status text NOT NULL CHECK (status IN ('PENDING', 'ADMITTED', 'LEFT', 'REVOKED')),
        descriptor text NOT NULL,
        seq bigint NOT NULL,
        requested_at bigint NOT NULL,
        admitted_at bigint,
        ended_at bigint,
        probed_at bigint
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX members_cluster_id ON members (cluster_id) WHERE status IN ('ADMITTED', 'LEFT')`,
    );
    await runner.query(`CREATE INDEX members_status ON members (status, fingerprint)`);
    await runner.query(`
      CREATE TABLE join_tokens (
        token_id text PRIMARY KEY,
        name text,
        secret_hash text NOT NULL,
        created bigint NOT NULL,
        expires_at bigint NOT NULL,
        used_by text,
        used_at bigint,
        revoked_at bigint
      )`);
    await runner.query(`CREATE INDEX join_tokens_created ON join_tokens (created DESC, token_id DESC)`);
    await runner.query(`
      CREATE TABLE read_tokens (
        token_id text PRIMARY KEY,
        name text,
        secret_hash text NOT NULL,
        created bigint NOT NULL,
        expires_at bigint,
        revoked_at bigint
      )`);
    await runner.query(`CREATE INDEX read_tokens_created ON read_tokens (created DESC, token_id DESC)`);
    await runner.query(`CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE settings, read_tokens, join_tokens, members`);
  }
}
