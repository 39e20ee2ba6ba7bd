import { type Client, escapeIdentifier } from "pg";
import { DataSource } from "typeorm";
import { withClient } from "../database/ensure-database.js";
import { migrate, type MigrationClass } from "../database/migrate.js";
import { silentLog } from "../log.js";
import { createTestDatabase, type TestDatabase } from "./test-database.js";

/** Every row of a database as text, and the migrations that it has gone through, so that a later release can be tried on it. */
export interface DatabaseState {
  readonly migrations: readonly string[];
  /** By table; each row holds its columns as PostgreSQL writes them. */
  readonly tables: Readonly<Record<string, readonly DatabaseRow[]>>;
}
export type DatabaseRow = Readonly<Record<string, string | null>>;

const MIGRATIONS = "migrations";

/** Reads everything at one moment. Generated columns are left out. */
export function readState(url: string): Promise<DatabaseState> {
  return withClient(url, async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const done = await client.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS} ORDER BY id`);
    const tables: Record<string, readonly DatabaseRow[]> = {};
    for (const [table, columns] of await columnsOf(client)) {
      const read = columns.map((column) => `${escapeIdentifier(column)}::text`).join(", ");
      const { rows } = await client.query<DatabaseRow>(`SELECT ${read} FROM ${escapeIdentifier(table)}`);
      if (rows.length > 0) tables[table] = rows;
    }
    await client.query("COMMIT");
    return { migrations: done.rows.map(({ name }) => name), tables };
  });
}

/** A new database as it was at that state: only its migrations are applied, the later ones among `known` are not. */
export async function databaseFrom(state: DatabaseState, known: readonly MigrationClass[]): Promise<TestDatabase> {
  const database = await createTestDatabase(migrationsOf(state, known));
  await withClient(database.url, async (client) => {
    // Rows come in no particular order, and refer to each other.
    await client.query("SET session_replication_role = replica");
    for (const table of (await columnsOf(client)).keys()) await client.query(`DELETE FROM ${escapeIdentifier(table)}`);
    for (const [table, rows] of Object.entries(state.tables)) {
      for (const row of rows) await insert(client, table, row);
    }
    await continueSequences(client);
  });
  return database;
}

/** Applies the migrations that the database has not gone through. */
export async function migrateDatabase(url: string, known: readonly MigrationClass[]): Promise<void> {
  const dataSource = new DataSource({ type: "postgres", url, migrations: [...known], poolSize: 1 });
  await dataSource.initialize();
  try {
    await migrate(dataSource, silentLog());
  } finally {
    await dataSource.destroy();
  }
}

/** The classes of a state's migrations. Throws where one is gone: databases that have gone through it exist. */
function migrationsOf({ migrations }: DatabaseState, known: readonly MigrationClass[]): readonly MigrationClass[] {
  return migrations.map((name) => {
    const found = known.find((migration) => migration.name === name);
    if (found === undefined) throw new Error(`the migration ${name} of a release does not exist any more`);
    return found;
  });
}

async function columnsOf(client: Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ table_name: string; columns: string[] }>(
    `SELECT table_name, array_agg(column_name::text ORDER BY column_name::text) AS columns
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' AND table_name <> $1
      GROUP BY table_name ORDER BY table_name`,
    [MIGRATIONS],
  );
  return new Map(rows.map(({ table_name: table, columns }) => [table, columns]));
}

async function insert(client: Client, table: string, row: DatabaseRow): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map((_, n) => `$${n + 1}`).join(", ");
  await client.query(
    `INSERT INTO ${escapeIdentifier(table)} (${columns.map(escapeIdentifier).join(", ")})
     OVERRIDING SYSTEM VALUE VALUES (${places})`,
    Object.values(row),
  );
}

/** A sequence that belongs to a column goes on after the highest value there. */
async function continueSequences(client: Client): Promise<void> {
  const { rows } = await client.query<{ table_name: string; column_name: string; sequence: string }>(
    `SELECT table_name, column_name, sequence FROM information_schema.columns,
       pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
      WHERE table_schema = 'public' AND sequence IS NOT NULL`,
  );
  for (const { table_name: table, column_name: column, sequence } of rows) {
    await client.query(
      `SELECT setval($1, coalesce(max(${escapeIdentifier(column)}), 0) + 1, false) FROM ${escapeIdentifier(table)}`,
      [sequence],
    );
  }
}
