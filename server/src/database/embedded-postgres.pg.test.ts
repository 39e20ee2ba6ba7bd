import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chown, cp, lstat, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../log.js";
import { freePort } from "../process/free-port.js";
import { identityOf } from "../process/process-identity.js";
import { waitFor } from "../testing/wait-for.js";
import { withClient } from "./ensure-database.js";
import { startEmbedded, type EmbeddedPostgres } from "./embedded-postgres.js";
import { openDatabase } from "./open-database.js";
import { findPostgresBinaries } from "./postgres-binaries.js";
import { readPostmasterFile } from "./postmaster-file.js";
import { chooseServerAccount } from "./server-account.js";

// Every directory made here is 0700, as mkdtemp makes it: where the tests run as root, the server's account could not enter it.
let directory: string;
const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbedded(directory, { log: silentLog(), durable: false });
  servers.push(server);
  return server;
}

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "catalog-embedded-")), "data", "part");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const server of servers.splice(0)) await server.stop();
  await rm(join(directory, "..", ".."), { recursive: true, force: true });
});

describe("startEmbedded", () => {
  it("listens on loopback below 32768, asks for a password, keeps fsync for real data, and stops", async () => {
    const server = await startEmbedded(directory, { log: silentLog() });
    servers.push(server);
    const url = new URL(await server.ensureDatabase("some name"));
    expect(Number(url.port)).toBeLessThan(32_768);
    const rows = await withClient(url.href, async (client) => {
      const { rows } = await client.query(
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'listen_addresses', 'unix_socket_directories') ORDER BY name",
      );
      return rows;
    });
    expect(rows).toEqual([
      { name: "fsync", setting: "on" },
      { name: "listen_addresses", setting: "127.0.0.1" },
      { name: "unix_socket_directories", setting: "" },
    ]);
    expect((await stat(join(directory, "postgres", "password"))).mode & 0o077).toBe(0);
    url.password = "wrong";
    await expect(withClient(url.href, async () => undefined)).rejects.toMatchObject({ code: "28P01" });
    const pid = server.pid() ?? 0;
    await server.stop();
    expect(identityOf(pid)).toBeUndefined();
  });

  it.runIf(process.platform === "linux")("is not in the process group that Ctrl-C reaches", async () => {
    const server = await start();
    const fields = (await readFile(`/proc/${server.pid()}/stat`, "utf8")).split(") ")[1]?.split(" ");
    expect(Number(fields?.[2])).toBe(server.pid());
  });

  it("keeps the data from one start to the next", async () => {
    const first = await start();
    await withClient(first.url("postgres"), (client) => client.query("CREATE TABLE kept (id int)"));
    await first.stop();
    const second = await start();
    await withClient(second.url("postgres"), (client) => client.query("SELECT * FROM kept"));
  });

  it("refuses a directory that a running process uses", async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: "DATA_DIRECTORY_IN_USE", pid: process.pid });
  });

  it("starts a server again that was killed, on the same port, with what was committed", async () => {
    const server = await start();
    const url = server.url("postgres");
    await withClient(url, (client) => client.query("CREATE TABLE kept AS SELECT 1 AS id"));
    const killed = server.pid() ?? 0;
    process.kill(killed, "SIGKILL");
    await waitFor(async () => {
      expect(server.pid()).not.toBe(killed);
      return withClient(url, (client) => client.query("SELECT * FROM kept"));
    });
  });

  it("stops the server that a killed process left behind", async () => {
    const orphan = await orphanedServer();
    const server = await start();
    expect(identityOf(orphan)).toBeUndefined();
    expect(server.pid()).not.toBe(orphan);
  });

  it("is not misled by a postmaster.pid whose pid belongs to somebody else now", async () => {
    const first = await start();
    await first.stop();
    const file = join(first.dataDirectory, "postmaster.pid");
    // PostgreSQL itself ignores its parent and the processes of other accounts, so neither would show anything.
    const { uid, gid } = await stat(first.dataDirectory);
    const other = spawn("sleep", ["600"], { stdio: "ignore", ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
    children.push(other);
    await waitFor(() => identityOf(other.pid ?? 0));
    await writeFile(file, [other.pid, first.dataDirectory, 1, 1, "", "127.0.0.1", "", "ready"].join("\n"));
    const second = await start();
    await withClient(second.url("postgres"), (client) => client.query("SELECT 1"));
  });
});

describe("the programs", () => {
  it("run from a package without its links, below a directory that is closed to others", async () => {
    const closed = await mkdtemp(join(tmpdir(), "catalog-package-"));
    try {
      const installed = join((await findPostgresBinaries()).postgres, "..", "..", "..");
      const isNoLink = async (path: string) => !(await lstat(path)).isSymbolicLink();
      await cp(installed, join(closed, "package"), { recursive: true, filter: isNoLink });
      const { postgres, initdb } = await findPostgresBinaries(join(closed, "package"));
      const account = await chooseServerAccount(postgres);
      const data = join(closed, "data");
      await mkdir(data);
      if (account.owner !== undefined) await chown(data, account.owner.uid, account.owner.gid);
      const { command, args } = account.launch(initdb, ["-D", data, "--no-sync", "-A", "reject"]);
      await promisify(execFile)(command, [...args], { cwd: "/" });
      expect((await stat(join(data, "PG_VERSION"))).uid).not.toBe(0);
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
  });
});

describe("a Database on an embedded server", () => {
  it("answers UNAVAILABLE while the server is dead or silent, and recovers by itself", async () => {
    const server = await start();
    const db = await openDatabase({
      url: await server.ensureDatabase("part"),
      dataDir: directory,
      name: "part",
      entities: [],
      migrations: [],
      production: false,
      log: silentLog(),
    });
    try {
      const killed = server.pid() ?? 0;
      const inFlight = db.query("SELECT pg_sleep(30)").catch((error: unknown) => error);
      await waitFor(
        async () => (await db.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length > 0,
      );
      process.kill(killed, "SIGKILL");
      expect(await inFlight).toMatchObject({ code: "UNAVAILABLE" });
      await waitFor(() => server.pid() !== killed && db.query("SELECT 1").then(() => db.available()), {
        timeoutMs: 30_000,
      });

      const silent = server.pid() ?? 0;
      const backends = await db.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'",
      );
      const frozen = [silent, ...backends.map(({ pid }) => pid)];
      const waiting = db.transaction((tx) => tx.query("SELECT pg_sleep(30)")).catch((error: unknown) => error);
      for (const pid of frozen) process.kill(pid, "SIGSTOP");
      try {
        // Hung up on once the silence was noticed, not left to its own, much longer, time limit.
        expect(await waiting).toMatchObject({
          code: "UNAVAILABLE",
          cause: { message: expect.stringContaining("Connection terminated") as string },
        });
        expect(db.available()).toBe(false);
        await expect(db.query("SELECT 1")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      } finally {
        for (const pid of frozen) process.kill(pid, "SIGCONT");
      }
      await waitFor(() => db.query("SELECT 1").then(() => db.available()));
    } finally {
      await db.close();
    }
  });

  it("waits for a server that is not there yet", async () => {
    const first = await start();
    const url = await first.ensureDatabase("part");
    const port = Number(new URL(url).port);
    await first.stop();
    const db = await openDatabase({
      url,
      dataDir: directory,
      name: "part",
      entities: [],
      migrations: [],
      production: true,
      log: silentLog(),
    });
    try {
      expect(db.available()).toBe(false);
      await expect(db.query("SELECT 1")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(db.transaction(async () => 1)).rejects.toMatchObject({ code: "UNAVAILABLE" });
      servers.push(await startEmbedded(directory, { log: silentLog(), port, durable: false }));
      await db.ready();
      expect(await db.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
    }
  });
});

/** Leaves a running server behind whose claim names a process that was killed; returns the server's pid. */
async function orphanedServer(): Promise<number> {
  const stopped = await start();
  await stopped.stop();
  const { dataDirectory } = stopped;
  const { postgres } = await findPostgresBinaries();
  const account = await chooseServerAccount(postgres, (await stat(dataDirectory)).uid);
  const settings = [
    "-c",
    `port=${await freePort()}`,
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "unix_socket_directories=",
  ];
  const { command, args, account: ids } = account.launch(postgres, ["-D", dataDirectory, ...settings]);
  const orphan = spawn(command, [...args], { cwd: "/", stdio: "ignore", detached: true, ...ids });
  children.push(orphan);
  await waitFor(async () => (await readPostmasterFile(dataDirectory))?.isReady === true);

  const parent = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  children.push(parent);
  const identity = await waitFor(() => identityOf(parent.pid ?? 0));
  await writeFile(join(directory, "postgres", "owner.json"), JSON.stringify(identity));
  await expect(start()).rejects.toMatchObject({ code: "DATA_DIRECTORY_IN_USE", pid: parent.pid });
  parent.kill("SIGKILL");
  await waitFor(() => identityOf(identity.pid) === undefined);
  expect(identityOf(orphan.pid ?? 0)).toBeDefined();
  return orphan.pid ?? 0;
}
