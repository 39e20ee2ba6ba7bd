import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { startEmbedded } from "../database/embedded-postgres.js";
import { readOwner } from "../database/owner-file.js";
import { clearLeftover } from "../database/postmaster-file.js";
import { isStillRunning } from "../process/process-identity.js";
import { TEST_SERVER_VARIABLE } from "./test-database.js";

const PREFIX = "catalog-test-";
const OWNER_FILE = join("postgres", "owner.json");

/**
 * Starts one PostgreSQL for the whole test run, in a directory of its own, and tells it to the test processes. Several
 * projects of one run share it, and so does a server that the caller's environment names already.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[TEST_SERVER_VARIABLE] !== undefined) return undefined;
  await sweepKilledRuns();
  const directory = await mkdtemp(join(tmpdir(), PREFIX));
  const server = await startEmbedded(directory, { log: pino({ level: "error" }), durable: false });
  process.env[TEST_SERVER_VARIABLE] = server.url("postgres");
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

/** Removes what earlier runs left behind that were killed before they could: their servers too. */
async function sweepKilledRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(tmpdir(), name);
    const owner = await readOwner(join(directory, OWNER_FILE));
    if (owner === undefined || isStillRunning(owner)) continue;
    await clearLeftover(join(directory, "postgres", "data"));
    await rm(directory, { recursive: true, force: true });
  }
}
