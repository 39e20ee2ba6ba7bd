import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { freePort } from "../process/free-port.js";
import { ensureDatabase, withClient } from "./ensure-database.js";
import { claimDirectory } from "./owner-file.js";
import { EmbeddedPostgresUnavailableError, findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.js";
import { PostgresProcess, PostgresStartError } from "./postgres-process.js";
import { clearLeftover } from "./postmaster-file.js";
import { assertReachable, chooseServerAccount, type ServerAccount } from "./server-account.js";

const SUPERUSER = "catalog";
const run = promisify(execFile);

export interface EmbeddedPostgresOptions {
  readonly log: Logger;
  /** TCP port of 127.0.0.1; a free one below 32768 unless given. */
  readonly port?: number;
  /** False only where the data may be lost with the machine (tests): no fsync. */
  readonly durable?: boolean;
}

/** A PostgreSQL server that belongs to this process. */
export interface EmbeddedPostgres {
  /** The directory that the server reports as its data_directory. */
  readonly dataDirectory: string;
  /** The connection URL, with its password, of a database of this server, whether it exists or not. */
  url(databaseName: string): string;
  /** Creates the database unless it exists, and returns its URL. */
  ensureDatabase(databaseName: string): Promise<string>;
  /** The pid of the running server. */
  pid(): number | undefined;
  /** Stops the server within 10 s and gives the directory back. Repeatable. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL with its data in `<dataDir>/postgres`, made at the first start; a server that a killed process left
 * there is stopped first. It listens on 127.0.0.1 alone and asks for a password (SCRAM). When it dies it is started again
 * on the same port.
 * @throws DataDirectoryInUseError, EmbeddedPostgresUnavailableError, PostgresStartError
 */
export async function startEmbedded(dataDir: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = join(resolve(dataDir), "postgres");
  await mkdir(home, { recursive: true });
  const files = serverFiles(await realpath(home));
  const release = await claimDirectory(files.home, files.owner);
  try {
    const binaries = await findPostgresBinaries();
    const dataOwner = await stat(files.data).catch(() => undefined);
    const account = await chooseServerAccount(binaries.postgres, dataOwner?.uid);
    await prepareData(files, binaries, account, options);
    const leftover = await clearLeftover(files.data);
    if (leftover === "stopped-orphan") {
      options.log.warn({ data: files.data }, "stopped the PostgreSQL that a killed process had left behind");
    }
    return await startServer(files, binaries, account, options, release);
  } catch (error) {
    await release();
    throw error;
  }
}

interface ServerFiles {
  readonly home: string;
  readonly data: string;
  readonly password: string;
  readonly owner: string;
}

function serverFiles(home: string): ServerFiles {
  return { home, data: join(home, "data"), password: join(home, "password"), owner: join(home, "owner.json") };
}

async function prepareData(
  files: ServerFiles,
  binaries: PostgresBinaries,
  account: ServerAccount,
  options: EmbeddedPostgresOptions,
): Promise<void> {
  await chmod(files.home, account.reachesClosedDirectories ? 0o700 : 0o711);
  await assertReachable(account, files.home);
  const version = await readFile(join(files.data, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version === undefined) return initialise(files, binaries, account, options);
  if (version.trim() !== binaries.majorVersion) {
    throw new EmbeddedPostgresUnavailableError(
      `${files.data} was written by PostgreSQL ${version.trim()}, the bundled one is ${binaries.majorVersion}. ` +
        `Move the data with pg_dump, or name the old server in DATABASE_URL.`,
    );
  }
  if (account.owner !== undefined && (await stat(files.data)).uid !== account.owner.uid) {
    await chownAll(files.data, account.owner); // restored from a backup by root: PostgreSQL insists on owning its files
  }
}

/** Makes the data directory under another name and renames it, so that a crash never leaves half a one in its place. */
async function initialise(
  files: ServerFiles,
  binaries: PostgresBinaries,
  account: ServerAccount,
  options: EmbeddedPostgresOptions,
): Promise<void> {
  const draft = `${files.data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const password = randomBytes(24).toString("base64url");
  await writeFile(files.password, password, { mode: 0o600 });
  if (account.owner !== undefined) {
    await chown(draft, account.owner.uid, account.owner.gid);
    await chown(files.password, account.owner.uid, account.owner.gid);
  }
  const {
    command,
    args,
    account: ids,
  } = account.launch(binaries.initdb, [
    `--pgdata=${draft}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${files.password}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    ...(options.durable === false ? ["--no-sync"] : []),
  ]);
  options.log.info({ data: files.data }, "making a PostgreSQL data directory");
  await run(command, [...args], { cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C" }, ...ids }).catch((cause) => {
    throw new PostgresStartError(`initdb failed in ${draft}: ${String(cause.stderr ?? cause)}`.trim(), { cause });
  });
  await rename(draft, files.data);
}

async function startServer(
  files: ServerFiles,
  binaries: PostgresBinaries,
  account: ServerAccount,
  options: EmbeddedPostgresOptions,
  release: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  const password = await readFile(files.password, "utf8");
  const port = options.port ?? (await freePort());
  const launch = account.launch(binaries.postgres, serverArguments(files.data, port, options.durable ?? true));
  const server = new PostgresProcess(launch, files.data, options.log);
  const url = (name: string) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(name)}`;
  await server.start();
  try {
    await verifyDataDirectory(url("postgres"), files.data);
  } catch (error) {
    await server.stop();
    throw error;
  }
  options.log.info({ port, postmaster: server.pid, data: files.data }, "the embedded PostgreSQL is ready");
  return {
    dataDirectory: files.data,
    url,
    ensureDatabase: async (name) => {
      await ensureDatabase(url(name));
      return url(name);
    },
    pid: () => server.pid,
    stop: async () => {
      await server.stop();
      await release();
    },
  };
}

function serverArguments(data: string, port: number, durable: boolean): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    cluster_name: "catalog",
    max_connections: "200",
    shared_buffers: "64MB",
    jit: "off",
    log_checkpoints: "off",
    logging_collector: "off",
    log_destination: "stderr",
    timezone: "UTC",
    ...(durable ? { fsync: "on" } : { fsync: "off", full_page_writes: "off" }),
  };
  return ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** Nothing is written before the server that answers has proved to be the one that was started. */
async function verifyDataDirectory(url: string, expected: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
    const found = rows[0]?.data_directory;
    if (found !== expected)
      throw new PostgresStartError(`A PostgreSQL with other data answers: ${found ?? "unknown"}.`);
  });
}

async function chownAll(path: string, owner: { uid: number; gid: number }): Promise<void> {
  await chown(path, owner.uid, owner.gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await chownAll(child, owner);
    else if (!entry.isSymbolicLink()) await chown(child, owner.uid, owner.gid);
  }
}
