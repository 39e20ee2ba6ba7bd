import type { MigrationInterface, QueryRunner } from "typeorm";

/** The namespaces that the admin wants offloaded, and the warnings given before their contracts end. Times: Unix seconds. */
export class Offloadings1763800000500 implements MigrationInterface {
  readonly name = "Offloadings1763800000500";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE offloadings (
      contract_id text NOT NULL REFERENCES contracts,
      namespace text NOT NULL,
      strategy text NOT NULL CHECK (strategy IN ('LOCAL', 'REMOTE', 'LOCAL_AND_REMOTE')),
      mapping text NOT NULL CHECK (mapping IN ('DEFAULT_NAME', 'ENFORCE_SAME_NAME', 'SELECTED_NAME')),
      remote_namespace text CHECK ((mapping = 'SELECTED_NAME') = (remote_namespace IS NOT NULL)),
      is_wanted boolean NOT NULL,
      phase text NOT NULL,
      message text NOT NULL,
      what_to_do text,
      last_error text,
      created bigint NOT NULL,
      changed bigint NOT NULL,
      PRIMARY KEY (contract_id, namespace)
    )`);
    await runner.query("CREATE INDEX offloadings_by_namespace ON offloadings (namespace, contract_id)");
    await runner.query(`CREATE TABLE offloading_warnings (
      contract_id text NOT NULL REFERENCES contracts,
      days integer NOT NULL,
      PRIMARY KEY (contract_id, days)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE offloading_warnings");
    await runner.query("DROP TABLE offloadings");
  }
}
