import type { DataSource, MigrationInterface } from "typeorm";
import { MigrationExecutor } from "typeorm";
import type { Logger } from "pino";

/** A migration class; its name ends with the time of its making in ms, by which migrations are ordered. */
export type MigrationClass = new () => MigrationInterface;

/** Any number that no other user of the same database takes for an advisory lock: "catalog" in ASCII. */
const MIGRATION_LOCK = "27973485183037287";

/**
 * Applies the migrations that are not yet applied, each in a transaction of its own. Processes that start together take
 * turns by an advisory lock; the later ones find nothing to do.
 */
export async function migrate(dataSource: DataSource, log: Logger): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    // A migration may rewrite a large table, and the lock may be held as long by another process.
    await runner.query("SET statement_timeout = 0");
    await runner.query("SET lock_timeout = 0");
    await runner.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = "each";
    const applied = await executor.executePendingMigrations();
    if (applied.length > 0) log.info({ migrations: applied.map(({ name }) => name) }, "migrated the database");
    await runner.query("SELECT pg_advisory_unlock($1)", [MIGRATION_LOCK]);
    await runner.query("RESET statement_timeout");
    await runner.query("RESET lock_timeout");
  } finally {
    await runner.release();
  }
}
