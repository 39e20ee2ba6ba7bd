import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What an admin has to see and to decide: the other side of a peering, stock that was freed by hand, peers that were there before, and what
 * was last known of Liqo. Times: Unix seconds.
 */
export class Attention1763800000600 implements MigrationInterface {
  readonly name = "Attention1763800000600";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE peerings ADD COLUMN other_side jsonb, ADD COLUMN last_error_object text,
      ADD COLUMN phase_since bigint, ADD COLUMN progressed bigint`);
    await runner.query("UPDATE peerings SET phase_since = changed, progressed = changed");
    await runner.query(
      "ALTER TABLE peerings ALTER COLUMN phase_since SET NOT NULL, ALTER COLUMN progressed SET NOT NULL",
    );
    await runner.query("ALTER TABLE peering_events ADD COLUMN actor text NOT NULL DEFAULT 'connector'");
    await runner.query("ALTER TABLE peering_events ALTER COLUMN actor DROP DEFAULT");
    await runner.query(`ALTER TABLE contracts ADD COLUMN is_released_by_force boolean NOT NULL DEFAULT false,
      ADD COLUMN is_overdue boolean NOT NULL DEFAULT false`);
    await runner.query("CREATE INDEX contracts_overdue ON contracts (contract_id) WHERE is_overdue");
    await runner.query("ALTER TABLE allowances ADD COLUMN is_decided boolean NOT NULL DEFAULT true");
    await runner.query("ALTER TABLE cluster ADD COLUMN peers_listed_at bigint, ADD COLUMN liqo_facts jsonb");
    // Who sells already has long told its Liqo what every peer gets: nobody else gets more because of this version.
    await runner.query(
      "UPDATE cluster SET peers_listed_at = 0 WHERE EXISTS (SELECT 1 FROM contracts WHERE role = 'SELLER')",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE cluster DROP COLUMN peers_listed_at, DROP COLUMN liqo_facts");
    await runner.query("ALTER TABLE allowances DROP COLUMN is_decided");
    await runner.query("ALTER TABLE contracts DROP COLUMN is_released_by_force, DROP COLUMN is_overdue");
    await runner.query("ALTER TABLE peering_events DROP COLUMN actor");
    await runner.query(`ALTER TABLE peerings DROP COLUMN other_side, DROP COLUMN last_error_object, DROP COLUMN phase_since,
      DROP COLUMN progressed`);
  }
}
