import "reflect-metadata";
import { DataSource, type DataSourceOptions } from "typeorm";
import type { Logger } from "pino";
import { Database } from "./database.js";
import { startEmbedded } from "./embedded-postgres.js";
import type { MigrationClass } from "./migrate.js";

/** Production needs a database that somebody takes care of. */
export class DatabaseUrlMissingError extends Error {
  readonly code = "DATABASE_URL_MISSING";
  override readonly name = "DatabaseUrlMissingError";

  constructor() {
    super("DATABASE_URL is not set. In production (NODE_ENV=production) it must name a PostgreSQL database.");
  }
}

export interface DatabaseOptions {
  /** postgresql://… ; without one, PostgreSQL is started under `dataDir`. */
  readonly url?: string | undefined;
  readonly dataDir: string;
  /** Name of the database on an embedded server, and of this program in pg_stat_activity. */
  readonly name: string;
  readonly entities: NonNullable<DataSourceOptions["entities"]>;
  readonly migrations: readonly MigrationClass[];
  readonly production: boolean;
  readonly log: Logger;
  /** Added to the database's clock; 0 outside of tests. */
  readonly clockOffsetMs?: number;
  /** Most connections of the pool; 10 unless given. */
  readonly poolSize?: number;
}

/** Bounds on waiting, in ms; the server enforces the first three, this process the others. */
const TIMEOUTS = {
  statement_timeout: 10_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 30_000,
  connectionTimeoutMillis: 2_000,
  query_timeout: 12_000,
} as const;

/**
 * Opens the database and brings its schema up to date. Resolves after the first attempt: ready, or, when the database is
 * away, answering UNAVAILABLE and trying again for ever ({@link Database.ready} tells when).
 * @throws DatabaseUrlMissingError in production without `url`; what a failing migration or the embedded server throws.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, onClose } = await locate(options);
  const dataSource = new DataSource({
    type: "postgres",
    url,
    entities: options.entities,
    migrations: [...options.migrations],
    applicationName: `catalog-${options.name}`,
    poolSize: options.poolSize ?? 10,
    installExtensions: false,
    logging: false,
    extra: { ...TIMEOUTS, keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
    poolErrorHandler: (error: unknown) => options.log.debug({ err: error }, "a pooled connection ended"),
  });
  const settings = { url, clockOffsetMs: options.clockOffsetMs ?? 0, onClose };
  const database = new Database(dataSource, settings, options.log);
  try {
    await database.connect();
  } catch (error) {
    await onClose();
    throw error;
  }
  return database;
}

async function locate(options: DatabaseOptions): Promise<{ url: string; onClose: () => Promise<void> }> {
  if (options.url !== undefined) return { url: options.url, onClose: async () => undefined };
  if (options.production) throw new DatabaseUrlMissingError();
  options.log.info(
    { dataDir: options.dataDir },
    "DATABASE_URL is not set: using a PostgreSQL under the data directory",
  );
  const server = await startEmbedded(options.dataDir, { log: options.log });
  try {
    return { url: await server.ensureDatabase(options.name), onClose: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
