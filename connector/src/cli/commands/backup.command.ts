import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { CliError, usageError } from "../cli-error.js";
import type { CliContext, Family } from "../context.js";
import { moment } from "../output.js";
import type { BackupPlace } from "../backup.js";

const DEFAULT_DATA_DIR = ".catalog-data/connector";

interface PlaceOptions {
  readonly databaseUrl?: string;
  readonly dataDir?: string;
  readonly passphraseFile?: string;
  readonly identity: boolean;
}

/** Saving a Connector and bringing it back. These work on its database and data directory, not through its API. */
export const addBackup: Family = (program, context) => {
  addBackUp(program, context);
  addRestore(program, context);
};

function withPlace(command: Command): Command {
  return command
    .option("--database-url <url>", "its PostgreSQL; DATABASE_URL unless given, else the one below its data directory")
    .option("--data-dir <directory>", "its data directory; DATA_DIR unless given")
    .option("--passphrase-file <file>", "file with the passphrase of the identity; CATALOG_PASSPHRASE unless given")
    .option("--no-identity", "the database alone, without the keys");
}

function addBackUp(program: Command, context: CliContext): void {
  withPlace(
    program
      .command("backup")
      .summary("save database and identity of a Connector")
      .description(
        "Save the database of a Connector, in one snapshot while it runs, and its identity, sealed with a passphrase. Run it where its data directory is. It needs no program of PostgreSQL's.",
      ),
  )
    .argument("<file>", "the file to write, such as turin-2027-01-31.backup")
    .addHelpText("after", "\nExample:\n  catalog backup turin.backup --passphrase-file ~/turin.passphrase")
    .action(async (file: string, options: PlaceOptions) => {
      const { backUp } = await import("../backup.js");
      const header = await backUp(file, await placeOf(options, context), program.version() ?? "", new Date());
      context
        .output()
        .progress(
          `${file}: ${header.fingerprint === "" ? "a Connector without a name" : header.fingerprint}, ${moment(header.created) ?? ""}, ${header.identity === null ? "without" : "with"} identity.`,
        );
    });
}

interface RestoreCommandOptions extends PlaceOptions {
  readonly force?: boolean;
  readonly identityOnly?: boolean;
}

function addRestore(program: Command, context: CliContext): void {
  withPlace(
    program
      .command("restore")
      .summary("bring a backup of a Connector back")
      .description(
        "Bring database and identity of a Connector back from a backup, into an empty database. The Connector must not run; at its next start it takes a new incarnation, signs its offers above the numbers that Brokers know, and compares its contracts with the other parties.",
      ),
  )
    .argument("<file>", "the backup")
    .option("--identity-only", "the keys alone")
    .option("--force", "throw away what the database holds, and replace another identity")
    .addHelpText(
      "after",
      "\nWhere a Secret keeps the keys (IDENTITY_SECRET), make that Secret of them, and restore the database with --no-identity.\n\nExamples:\n  catalog restore turin.backup --passphrase-file ~/turin.passphrase\n  catalog restore turin.backup --identity-only --data-dir keys\n  kubectl create secret generic connector-identity --from-file=keys",
    )
    .action(async (file: string, options: RestoreCommandOptions) => {
      if (options.identityOnly === true && !options.identity)
        throw usageError("--identity-only and --no-identity leave nothing.");
      const { restore } = await import("../backup.js");
      const place = await placeOf(options, context);
      const choice = { force: options.force === true, identityOnly: options.identityOnly === true };
      const { header, rows } = await restore(file, { ...place, ...choice });
      context
        .output()
        .progress(
          `${rows} rows of ${moment(header.created) ?? ""} are back. Start the Connector, and look at catalog doctor.`,
        );
    });
}

async function placeOf(options: PlaceOptions, { terminal: { env } }: CliContext): Promise<BackupPlace> {
  return {
    databaseUrl: options.databaseUrl ?? env["DATABASE_URL"],
    dataDir: options.dataDir ?? env["DATA_DIR"] ?? DEFAULT_DATA_DIR,
    passphrase: options.identity ? await passphraseOf(options, env["CATALOG_PASSPHRASE"]) : undefined,
  };
}

async function passphraseOf({ passphraseFile }: PlaceOptions, given: string | undefined): Promise<string> {
  const text =
    passphraseFile === undefined
      ? given
      : await readFile(passphraseFile, "utf8").catch((error: NodeJS.ErrnoException) => {
          throw new CliError(`The file ${passphraseFile} cannot be read: ${error.code ?? "unknown"}.`);
        });
  const passphrase = text?.replace(/\r?\n$/, "") ?? "";
  if (passphrase === "")
    throw usageError(
      "The identity is sealed with a passphrase: give --passphrase-file or CATALOG_PASSPHRASE, or --no-identity.",
    );
  return passphrase;
}
