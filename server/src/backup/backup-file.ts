import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { randomId } from "../random.js";
import type { DumpLine } from "./database-dump.js";

const FORMAT = "catalog-backup/1";

/** What a backup says of itself before its rows. */
export interface BackupHeader {
  /** Which part it is of. */
  readonly part: string;
  /** Version of the program that made it. */
  readonly version: string;
  /** When, Unix seconds. */
  readonly created: number;
  readonly fingerprint: string;
  /** Migrations that its tables have seen; null in a backup of the identity alone. */
  readonly migrations: readonly string[] | null;
  /** The private files, sealed with a passphrase (JWE); null where they were left out. */
  readonly identity: string | null;
}

/** A file that is no backup, or not a whole one. */
export class BackupInvalidError extends Error {
  override readonly name = "BackupInvalidError";
}

/**
 * Writes a backup: gzip of one JSON text per line, the header first. The file appears whole or not at all, readable by its owner alone.
 */
export async function writeBackup(file: string, header: BackupHeader, lines: AsyncIterable<DumpLine>): Promise<void> {
  const draft = `${file}.${randomId(6)}.tmp`;
  async function* texts(): AsyncGenerator<string> {
    yield `${JSON.stringify({ format: FORMAT, ...header })}\n`;
    for await (const line of lines) yield `${textOf(line)}\n`;
  }
  try {
    const target = createWriteStream(draft, { flags: "wx", mode: 0o600, flush: true });
    await pipeline(Readable.from(texts()), createGzip(), target);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Opens a backup. @throws BackupInvalidError. */
export async function openBackup(
  file: string,
): Promise<{ readonly header: BackupHeader; readonly lines: () => AsyncGenerator<DumpLine> }> {
  const texts = linesOf(file);
  const first = await texts.next();
  await texts.return(undefined);
  const header = first.done === true ? undefined : headerFrom(first.value);
  if (header === undefined)
    throw new BackupInvalidError(`${file} is not a backup that this version reads (${FORMAT}).`);
  return { header, lines: () => dumpLines(file) };
}

/** Reads a backup to its end, so that nothing is begun with one that is damaged. @throws BackupInvalidError. */
export async function requireWhole(file: string): Promise<void> {
  let rows = 0;
  let end: number | undefined;
  for await (const line of dumpLines(file)) {
    if (line.kind === "row") rows += 1;
    if (line.kind === "end") end = line.rows;
  }
  if (end !== rows) throw new BackupInvalidError(`${file} is not whole: its end is missing.`);
}

async function* dumpLines(file: string): AsyncGenerator<DumpLine> {
  let isHeader = true;
  for await (const text of linesOf(file)) {
    if (isHeader) isHeader = false;
    else yield lineFrom(file, text);
  }
}

/** A row's JSON follows a letter, so that it is handed on without being parsed. */
function textOf(line: DumpLine): string {
  return line.kind === "row" ? `r${line.json}` : JSON.stringify(line);
}

function lineFrom(file: string, text: string): DumpLine {
  if (text.startsWith("r")) return { kind: "row", json: text.slice(1) };
  try {
    return JSON.parse(text) as DumpLine;
  } catch {
    throw new BackupInvalidError(`${file} is damaged.`);
  }
}

/** Lines end with "\n" alone: what a row holds of other line separators, such as U+2028, is part of its text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const gunzip = createGunzip().setEncoding("utf8");
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  let rest = "";
  try {
    for await (const chunk of gunzip as AsyncIterable<string>) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BackupInvalidError(
      code === "ENOENT" ? `${file} does not exist.` : `${file} is not a whole backup (${code ?? String(error)}).`,
    );
  } finally {
    source.destroy();
  }
  if (rest !== "") throw new BackupInvalidError(`${file} is not whole: its last line is cut.`);
}

function headerFrom(text: string): BackupHeader | undefined {
  try {
    const { format, ...header } = JSON.parse(text) as { format?: unknown } & BackupHeader;
    return format === FORMAT ? header : undefined;
  } catch {
    return undefined; // Some other gzip file, which is what undefined tells.
  }
}
