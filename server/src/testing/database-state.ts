import { appliedMigrations, type DumpLine, dumpDatabase, loadDatabase } from "../backup/database-dump.js";
import { withClient } from "../database/ensure-database.js";
import type { MigrationClass } from "../database/migrate.js";
import { createTestDatabase, type TestDatabase } from "./test-database.js";

/** A whole database, and the migrations that it has gone through, so that a later release can be tried on it. */
export interface DatabaseState {
  readonly migrations: readonly string[];
  readonly dump: readonly DumpLine[];
}

/** Reads everything at one moment. */
export function readState(url: string): Promise<DatabaseState> {
  return withClient(url, async (client) => {
    const migrations = await appliedMigrations(client);
    const dump: DumpLine[] = [];
    for await (const line of dumpDatabase(client, { without: [] })) dump.push(line);
    return { migrations, dump };
  });
}

/** A new database as it was at that state: only its migrations are applied, the later ones among `known` are not. */
export async function databaseFrom(state: DatabaseState, known: readonly MigrationClass[]): Promise<TestDatabase> {
  const database = await createTestDatabase(migrationsOf(state, known));
  await withClient(database.url, (client) => loadDatabase(client, linesOf(state)));
  return database;
}

async function* linesOf({ dump }: DatabaseState): AsyncGenerator<DumpLine> {
  yield* dump;
}

/** The classes of a state's migrations. Throws where one is gone: databases that have gone through it exist. */
function migrationsOf({ migrations }: DatabaseState, known: readonly MigrationClass[]): readonly MigrationClass[] {
  return migrations.map((name) => {
    const found = known.find((migration) => migration.name === name);
    if (found === undefined) throw new Error(`the migration ${name} of a release does not exist any more`);
    return found;
  });
}
