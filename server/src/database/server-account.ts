import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { EmbeddedPostgresUnavailableError } from "./postgres-binaries.js";

/** How to run a PostgreSQL program on this machine. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Given to spawn where the programs must run under another account and nothing better is at hand. */
  readonly account?: { readonly uid: number; readonly gid: number };
}

/** The account that owns the data directory and runs the server. */
export interface ServerAccount {
  /** Undefined: the account of this process. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Whether the account reaches files below directories that are closed to it. */
  readonly reachesClosedDirectories: boolean;
  launch(program: string, args: readonly string[]): Launch;
}

const run = promisify(execFile);

const OWN_ACCOUNT: ServerAccount = {
  reachesClosedDirectories: true,
  launch: (command, args) => ({ command, args }),
};

/**
 * Chooses the account for the server. PostgreSQL refuses to run as root, so root hands it to an account that exists
 * already: the owner of the data directory, else `postgres`, else `nobody`. With util-linux's setpriv that account
 * keeps one capability, CAP_DAC_OVERRIDE, so that it reaches a data directory and programs below directories that only root may
 * enter; access(2) honours it only with the securebit no_setuid_fixup (capabilities(7)).
 * @param dataOwner uid of an existing data directory.
 * @param probe a program of PostgreSQL, run with --version to see whether a way of starting it works.
 */
export async function chooseServerAccount(probe: string, dataOwner?: number): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return OWN_ACCOUNT;
  const owner = await lowPrivilegeAccount(dataOwner);
  const attempts: string[] = [];
  for (const account of [await setprivAccount(owner), spawnAccount(owner)]) {
    if (account === undefined) continue;
    const { command, args, account: ids } = account.launch(probe, ["--version"]);
    const failure = await run(command, [...args], { cwd: "/", ...ids }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (failure === undefined) return account;
    attempts.push(failure.trim());
  }
  throw new EmbeddedPostgresUnavailableError(
    `PostgreSQL refuses to run as root, and ${probe} could not be run under the account ${owner.uid} either ` +
      `(${attempts.join("; ")}). Start the program as a normal user, or install setpriv (util-linux), or make the ` +
      `directories above the program readable to that account, or name a PostgreSQL in DATABASE_URL.`,
  );
}

/**
 * For an account without that capability: every directory above the data must let it pass.
 * @throws EmbeddedPostgresUnavailableError naming the directory that does not.
 */
export async function assertReachable(account: ServerAccount, directory: string): Promise<void> {
  if (account.reachesClosedDirectories || account.owner === undefined) return;
  const { uid } = account.owner;
  for (let path = directory; path !== dirname(path); path = dirname(path)) {
    const { mode, uid: owner } = await stat(path);
    if ((mode & (owner === uid ? 0o100 : 0o001)) !== 0) continue;
    throw new EmbeddedPostgresUnavailableError(
      `PostgreSQL refuses to run as root, and the account ${uid} that would run it may not enter ${path}. Start the ` +
        `program as a normal user, or install setpriv (util-linux) and allow root CAP_SETPCAP, or choose another ` +
        `DATA_DIR, or name a PostgreSQL in DATABASE_URL.`,
    );
  }
}

async function setprivAccount(owner: { uid: number; gid: number }): Promise<ServerAccount | undefined> {
  const setpriv = await findProgram("setpriv");
  if (setpriv === undefined) return undefined;
  const options = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--bounding-set=-all,+dac_override",
    "--securebits=+no_setuid_fixup",
  ];
  return {
    owner,
    reachesClosedDirectories: true,
    launch: (program, args) => ({ command: setpriv, args: [...options, program, ...args] }),
  };
}

function spawnAccount(owner: { uid: number; gid: number }): ServerAccount {
  return {
    owner,
    reachesClosedDirectories: false,
    launch: (command, args) => ({ command, args, account: owner }),
  };
}

// initdb looks its account up by uid, so only accounts that exist will do.
async function lowPrivilegeAccount(dataOwner?: number): Promise<{ uid: number; gid: number }> {
  const accounts = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n").map((line) => {
    const [name, , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  const chosen =
    accounts.find(({ uid }) => uid === dataOwner && uid !== 0) ??
    accounts.find(({ name }) => name === "postgres") ??
    accounts.find(({ name }) => name === "nobody");
  if (chosen !== undefined) return { uid: chosen.uid, gid: chosen.gid };
  throw new EmbeddedPostgresUnavailableError(
    "PostgreSQL refuses to run as root, and this machine has neither an account postgres nor nobody to run it. " +
      "Start the program as a normal user, or name a PostgreSQL in DATABASE_URL.",
  );
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of [...(process.env["PATH"] ?? "").split(":"), "/usr/bin", "/bin", "/sbin", "/usr/sbin"]) {
    if (!directory.startsWith("/")) continue;
    const path = join(directory, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
