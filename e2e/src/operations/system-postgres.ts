import { execFile } from "node:child_process";
import { access, appendFile, chmod, chown, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withClient } from "@catalog/server/database/ensure-database";
import { chooseServerAccount, type ServerAccount } from "@catalog/server/database/server-account";
import { freePort } from "@catalog/server/process/free-port";

const run = promisify(execFile);
const NEEDED = ["initdb", "pg_ctl", "pg_basebackup", "pg_dump", "pg_restore"];
/** Where distributions put the programs of their newest version. */
const PLACES = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql", "/usr/local/bin", "/usr/bin"];
const PASSWORD = "of-a-test";

/** The folder of PostgreSQL's own programs on this machine; undefined where they are not all installed. */
export async function findTools(): Promise<string | undefined> {
  const versioned = await Promise.all(
    PLACES.map(async (place) => (await readdir(place).catch(() => [])).map((version) => join(place, version, "bin"))),
  );
  for (const folder of [...versioned.flat().toSorted().reverse(), ...PLACES]) {
    const found = await Promise.all(
      NEEDED.map((name) =>
        access(join(folder, name)).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (found.every(Boolean)) return folder;
  }
  return undefined;
}

/** A PostgreSQL of this machine's own programs, which archives its log so that it can be brought back to any moment. */
export class SystemPostgres {
  private constructor(
    private readonly tools: string,
    private readonly home: string,
    private readonly account: ServerAccount,
    private readonly port: number,
  ) {}

  static async start(tools: string, home: string): Promise<SystemPostgres> {
    const account = await chooseServerAccount(join(tools, "postgres"));
    const server = new SystemPostgres(tools, home, account, await freePort());
    await mkdir(server.archive, { recursive: true });
    await writeFile(server.passwordFile, PASSWORD);
    await server.own(home, server.archive, server.passwordFile);
    await server.tool("initdb", [
      "-D",
      server.data,
      "-U",
      "catalog",
      "-A",
      "scram-sha-256",
      "--pwfile",
      server.passwordFile,
      "-N",
    ]);
    await server.configure([
      `port = ${server.port}`,
      "listen_addresses = '127.0.0.1'",
      "unix_socket_directories = ''",
      "max_connections = 100",
      "fsync = off",
      "archive_mode = on",
      `archive_command = 'cp %p ${server.archive}/%f'`,
    ]);
    await server.up();
    return server;
  }

  url(name: string): string {
    return `postgresql://catalog:${PASSWORD}@127.0.0.1:${this.port}/${name}`;
  }

  /** Saves all files while the server runs. */
  async baseBackup(): Promise<void> {
    await this.tool("pg_basebackup", ["-d", this.url("postgres"), "-D", this.base, "-c", "fast", "-X", "none"]);
  }

  /** The present moment, as a point to come back to. */
  async moment(): Promise<string> {
    return withClient(this.url("postgres"), async (client) => {
      const { rows } = await client.query<{ now: string }>("SELECT clock_timestamp()::text AS now");
      return rows[0]?.now ?? "";
    });
  }

  /** Throws the data away and brings it back from the base backup and the archived log, as it was at that moment. */
  async recover(moment: string): Promise<void> {
    await withClient(this.url("postgres"), (client) => client.query("SELECT pg_switch_wal()"));
    await this.down();
    await this.launch("rm", ["-rf", this.data]);
    await this.launch("mv", [this.base, this.data]);
    await this.configure([
      `restore_command = 'cp ${this.archive}/%f %p'`,
      `recovery_target_time = '${moment}'`,
      "recovery_target_action = 'promote'",
    ]);
    await writeFile(join(this.data, "recovery.signal"), "");
    await this.own(join(this.data, "recovery.signal"));
    await this.up();
  }

  /** Saves one database, and brings it back into a new one of the same name, which nobody may be using. */
  async dumpAndRestore(name: string, meanwhile: () => Promise<void>): Promise<void> {
    const file = join(this.home, `${name}.dump`);
    await this.tool("pg_dump", ["--format=custom", `--file=${file}`, this.url(name)]);
    await meanwhile();
    await this.tool("pg_restore", ["--clean", "--if-exists", "--no-owner", `--dbname=${this.url(name)}`, file]);
  }

  async down(): Promise<void> {
    await this.tool("pg_ctl", ["-D", this.data, "-m", "fast", "-w", "stop"]).catch(() => undefined);
  }

  private get data(): string {
    return join(this.home, "data");
  }
  private get base(): string {
    return join(this.home, "base");
  }
  private get archive(): string {
    return join(this.home, "archive");
  }
  private get passwordFile(): string {
    return join(this.home, "password");
  }

  private async up(): Promise<void> {
    await this.tool("pg_ctl", ["-D", this.data, "-l", join(this.home, "log"), "-w", "-t", "60", "start"]);
  }

  private configure(lines: readonly string[]): Promise<void> {
    return appendFile(join(this.data, "postgresql.conf"), `${lines.join("\n")}\n`);
  }

  private tool(name: string, args: readonly string[]): Promise<void> {
    return this.launch(join(this.tools, name), args);
  }

  private async launch(program: string, args: readonly string[]): Promise<void> {
    const { command, args: all, account } = this.account.launch(program, args);
    await run(command, [...all], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
      timeout: 90_000,
      ...account,
    });
  }

  private async own(...paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await chmod(path, path.endsWith("password") || path.endsWith("signal") ? 0o600 : 0o700);
      if (this.account.owner !== undefined) await chown(path, this.account.owner.uid, this.account.owner.gid);
    }
  }
}
