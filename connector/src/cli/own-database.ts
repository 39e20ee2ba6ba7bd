import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { startEmbedded } from "@catalog/server/database/embedded-postgres";
import { DataDirectoryInUseError } from "@catalog/server/database/owner-file";
import { readPostmasterFile } from "@catalog/server/database/postmaster-file";
import { silentLog } from "@catalog/server/log";
import { CliError } from "./cli-error.js";
import { EXIT } from "./exit-codes.js";

/** Name of the Connector's database on a PostgreSQL of its own, and of its user. */
const NAME = "connector";
const USER = "catalog";

/** A database to work on directly, and how to leave it. */
export interface OwnDatabase {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * The database of a Connector: the one of `url`, or the PostgreSQL below its data directory, which runs with the Connector or is started for
 * this.
 * @param isShared whether a Connector may be using it.
 */
export async function ownDatabase(url: string | undefined, dataDir: string, isShared: boolean): Promise<OwnDatabase> {
  if (url !== undefined) return { url, close: async () => undefined };
  try {
    const server = await startEmbedded(dataDir, { log: silentLog() });
    return { url: await server.ensureDatabase(NAME), close: () => server.stop() };
  } catch (error) {
    if (!(error instanceof DataDirectoryInUseError)) throw error;
    if (!isShared) throw new CliError(`${error.message} A Connector must not run while its database is restored.`);
    return { url: await runningDatabase(dataDir), close: async () => undefined };
  }
}

async function runningDatabase(dataDir: string): Promise<string> {
  const home = join(resolve(dataDir), "postgres");
  const postmaster = await readPostmasterFile(join(home, "data"));
  if (postmaster === undefined || !postmaster.isReady)
    throw new CliError("The PostgreSQL of this Connector is not ready; try again.", EXIT.away);
  const password = (await readFile(join(home, "password"), "utf8")).trim();
  return `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${postmaster.port}/${NAME}`;
}
