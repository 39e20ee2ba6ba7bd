import type { MigrationInterface, QueryRunner } from "typeorm";

/** What was measured of the cluster last, and whether more than that may be sold. Times: Unix seconds. */
export class Capacity1763800000800 implements MigrationInterface {
  readonly name = "Capacity1763800000800";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE capacity (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      refuse_beyond boolean NOT NULL DEFAULT false,
      measured jsonb,
      measured_at bigint,
      valid_until bigint,
      problem text
    )`);
    await runner.query("INSERT INTO capacity DEFAULT VALUES");
    await runner.query(
      "CREATE INDEX own_offers_measured ON own_offers (offer_id) WHERE offer ->> 'capacity' = 'MEASURED' AND NOT is_withdrawn",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX own_offers_measured");
    await runner.query("DROP TABLE capacity");
  }
}
