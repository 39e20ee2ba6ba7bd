import { constants } from "node:fs";
import { access, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

/** The programs of the bundled PostgreSQL. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version of the programs and of the data directories that they can read. */
  readonly majorVersion: string;
}

/** The bundled PostgreSQL cannot be used on this machine; the message says what to do instead. */
export class EmbeddedPostgresUnavailableError extends Error {
  readonly code = "EMBEDDED_POSTGRES_UNAVAILABLE";
  override readonly name = "EmbeddedPostgresUnavailableError";
}

/**
 * Finds the PostgreSQL programs of the platform package that `embedded-postgres` brings, and completes its library
 * links where the package's install script was not allowed to run.
 * @throws EmbeddedPostgresUnavailableError when there is no package for this platform or it cannot be completed.
 */
export async function findPostgresBinaries(root = platformPackage()): Promise<PostgresBinaries> {
  await completeLinks(root);
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const bin = join(root, "native", "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres"), majorVersion: version.split(".")[0] ?? "" };
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    return resolve(dirname(createRequire(wrapper).resolve(name)), "..");
  } catch (cause) {
    throw new EmbeddedPostgresUnavailableError(
      `There is no bundled PostgreSQL for this platform (package ${name} is not installed). ` +
        `Install a PostgreSQL and name it in DATABASE_URL.`,
      { cause },
    );
  }
}

/**
 * An npm package cannot contain symbolic links, so this one lists the links that its libraries need in
 * `native/pg-symlinks.json`, paths relative to the package.
 */
async function completeLinks(root: string): Promise<void> {
  const list = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "EEXIST") return; // another process completes the same package right now
      throw new EmbeddedPostgresUnavailableError(
        `The bundled PostgreSQL lacks the link ${path}, and it cannot be made (${cause.code ?? cause.message}). ` +
          `Run "npm rebuild" as the user who installed the dependencies, or name a PostgreSQL in DATABASE_URL.`,
        { cause },
      );
    });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
