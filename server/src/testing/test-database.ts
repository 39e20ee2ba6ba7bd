import "reflect-metadata";
import { createHash, randomBytes } from "node:crypto";
import type { Client } from "pg";
import { DataSource } from "typeorm";
import { ensureDatabase, withClient } from "../database/ensure-database.js";
import { migrate, type MigrationClass } from "../database/migrate.js";
import { silentLog } from "../log.js";

/** The variable in which the test run's PostgreSQL is told to every test process. */
export const TEST_SERVER_VARIABLE = "CATALOG_TEST_POSTGRES_URL";

export interface TestDatabase {
  /** Connection URL of a database that nobody else uses. */
  readonly url: string;
  /** Removes the database, whoever is still connected to it. Repeatable. */
  drop(): Promise<void>;
}

/** URL of the `postgres` database of the test run's server; its role may create databases. */
export function testServerUrl(): string {
  const url = process.env[TEST_SERVER_VARIABLE];
  if (url === undefined) throw new Error(`${TEST_SERVER_VARIABLE} is not set: run the tests through vitest.`);
  return url;
}

/**
 * A new database to which the migrations are applied (none: an empty one). It is copied from a template that the first
 * call with these migrations makes, so the others take some tens of milliseconds.
 */
export async function createTestDatabase(migrations: readonly MigrationClass[] = []): Promise<TestDatabase> {
  const server = testServerUrl();
  const name = `test_${randomBytes(8).toString("hex")}`;
  await withClient(server, async (client) => {
    const template = migrations.length === 0 ? "template1" : await templateOf(client, migrations);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  });
  return {
    url: withDatabase(server, name),
    drop: () =>
      withClient(server, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

async function templateOf(client: Client, migrations: readonly MigrationClass[]): Promise<string> {
  const hash = createHash("sha256");
  for (const migration of migrations) hash.update(`${migration.name}\n${migration.toString()}\n`);
  const name = `template_${hash.digest("hex").slice(0, 24)}`;
  await client.query("SELECT pg_advisory_lock(hashtext($1))", [name]);
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (!rowCount) await makeTemplate(client, name, migrations);
  } finally {
    await client.query("SELECT pg_advisory_unlock(hashtext($1))", [name]);
  }
  return name;
}

/** Under a draft name first: a template that exists is complete. */
async function makeTemplate(client: Client, name: string, migrations: readonly MigrationClass[]): Promise<void> {
  const draft = `draft_${name}`;
  const url = withDatabase(testServerUrl(), draft);
  await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await ensureDatabase(url);
  const dataSource = new DataSource({ type: "postgres", url, migrations: [...migrations], poolSize: 1 });
  await dataSource.initialize();
  try {
    await migrate(dataSource, silentLog());
  } finally {
    await dataSource.destroy();
  }
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`);
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
