import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBackup, requireWhole, writeBackup, type BackupHeader } from "@catalog/server/backup/backup-file";
import {
  appliedMigrations,
  dropTables,
  dumpDatabase,
  loadDatabase,
  type DumpLine,
} from "@catalog/server/backup/database-dump";
import { openFiles, sealFiles } from "@catalog/server/backup/sealed-files";
import { withClient } from "@catalog/server/database/ensure-database";
import { openDatabase } from "@catalog/server/database/open-database";
import { keptFiles, KEPT_FILES } from "@catalog/server/identity/kept-files";
import { replacePrivateFile } from "@catalog/server/identity/private-file";
import { silentLog } from "@catalog/server/log";
import type { Client } from "pg";
import { MIGRATIONS } from "../storage/migrations.js";
import { CliError } from "./cli-error.js";
import { ownDatabase } from "./own-database.js";

const PART = "connector";
/** Signed-in people sign in again; proofs are good for a minute. */
const WITHOUT = ["sessions", "seen_proofs"];

/** Where a Connector keeps what is saved. */
export interface BackupPlace {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** Undefined: without the identity. */
  readonly passphrase: string | undefined;
}

/** Saves the database, in one snapshot while the Connector runs, and the identity. @returns what the backup says of itself. */
export async function backUp(file: string, place: BackupPlace, version: string, now: Date): Promise<BackupHeader> {
  const { databaseUrl, dataDir, passphrase } = place;
  const identity = passphrase === undefined ? null : await sealFiles(await identityFiles(dataDir), passphrase);
  const database = await ownDatabase(databaseUrl, dataDir, true);
  try {
    return await withClient(database.url, async (client) => {
      const migrations = await appliedMigrations(client);
      if (migrations.length === 0)
        throw new CliError("This is not the database of a Connector: it has no tables of one.");
      const fingerprint = (await fingerprintIn(client)) ?? "";
      const created = Math.floor(now.getTime() / 1000);
      const header = { part: PART, version, created, fingerprint, migrations, identity };
      await writeBackup(file, header, dumpDatabase(client, { without: WITHOUT }));
      return header;
    });
  } finally {
    await database.close();
  }
}

/** What of a backup is brought back. */
export interface RestoreOptions extends BackupPlace {
  /** Replaces a database that holds something, and another identity. */
  readonly force: boolean;
  readonly identityOnly: boolean;
}

/** Brings a backup back into an empty database and data directory. The Connector must not run. @returns how many rows. */
export async function restore(
  file: string,
  options: RestoreOptions,
): Promise<{ readonly header: BackupHeader; readonly rows: number }> {
  const { header, lines } = await openBackup(file);
  if (header.part !== PART) throw new CliError(`${file} is a backup of a ${header.part}, not of a Connector.`);
  await requireWhole(file);
  const files = options.passphrase === undefined ? undefined : await unsealed(file, header, options.passphrase);
  if (files !== undefined) await requireRoom(options, files);
  const rows = options.identityOnly ? 0 : await restoreDatabase(header, lines, options);
  if (files !== undefined) await putFiles(options.dataDir, files);
  return { header, rows };
}

async function restoreDatabase(
  { migrations }: BackupHeader,
  lines: () => AsyncGenerator<DumpLine>,
  { databaseUrl, dataDir, force }: RestoreOptions,
): Promise<number> {
  const known = new Map(MIGRATIONS.map((one) => [one.name, one]));
  const wanted = (migrations ?? []).flatMap((name) => known.get(name) ?? []);
  if (migrations === null || wanted.length < migrations.length)
    throw new CliError(
      "The backup was made by a newer version than this one: restore it with that version or a later one.",
    );
  const database = await ownDatabase(databaseUrl, dataDir, false);
  try {
    await withClient(database.url, async (client) => {
      await requireAlone(client);
      const isEmpty = await isDatabaseEmpty(client);
      if (!isEmpty && !force)
        throw new CliError(
          "The database is not empty. Restore into an empty one; --force throws away what this one holds.",
        );
      await dropTables(client);
    });
    // The tables as the backup's version had them; what came later follows at the Connector's next start.
    const made = await openDatabase({
      url: database.url,
      dataDir,
      name: `${PART}-restore`,
      entities: [],
      migrations: wanted,
      production: false,
      log: silentLog(),
    });
    await made.close();
    return await withClient(database.url, (client) => loadDatabase(client, lines()));
  } finally {
    await database.close();
  }
}

/** @throws CliError while a Connector uses the database. */
async function requireAlone(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT application_name AS name FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'catalog-%' LIMIT 1",
  );
  if (rows[0] !== undefined) throw new CliError("A Connector still uses this database: stop it first.");
}

/** A Connector that was started once and never used leaves tables with nothing in them that counts. */
async function isDatabaseEmpty(client: Client): Promise<boolean> {
  if ((await appliedMigrations(client)).length === 0) {
    const { rows } = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1");
    return rows.length === 0;
  }
  const { rows } = await client.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM cluster WHERE pretty_name IS NOT NULL) OR EXISTS (SELECT 1 FROM own_offers)
       OR EXISTS (SELECT 1 FROM contracts) OR EXISTS (SELECT 1 FROM brokers) AS used`,
  );
  return rows[0]?.used === false;
}

async function fingerprintIn(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ descriptor: string | null }>("SELECT descriptor FROM cluster");
  const payload = rows[0]?.descriptor?.split(".")[1];
  return payload && (JSON.parse(Buffer.from(payload, "base64url").toString()) as { iss?: string }).iss;
}

async function identityFiles(dataDir: string): Promise<Readonly<Record<string, string>>> {
  const files = await keptFiles(dataDir);
  if (files["identity.json"] === undefined)
    throw new CliError(
      `There is no identity in ${dataDir}: run this where the Connector's data directory is, or use --no-identity.`,
    );
  return files;
}

async function unsealed(
  file: string,
  { identity }: BackupHeader,
  passphrase: string,
): Promise<Readonly<Record<string, string>>> {
  if (identity === null)
    throw new CliError(`${file} holds no identity; use --no-identity, and bring identity.json back from elsewhere.`);
  return openFiles(identity, passphrase);
}

/** @throws CliError if another identity stands there. */
async function requireRoom({ dataDir, force }: RestoreOptions, files: Readonly<Record<string, string>>): Promise<void> {
  const present = (await keptFiles(dataDir))["identity.json"];
  if (present === undefined || force || fingerprintOf(present) === fingerprintOf(files["identity.json"] ?? "")) return;
  throw new CliError(`${dataDir} holds another identity, ${fingerprintOf(present)}. --force replaces it for ever.`);
}

async function putFiles(dataDir: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  for (const name of KEPT_FILES) {
    const text = files[name];
    if (text !== undefined) await replacePrivateFile(join(dataDir, name), text);
  }
}

function fingerprintOf(identity: string): string {
  return (JSON.parse(identity) as { fingerprint?: string }).fingerprint ?? "";
}
