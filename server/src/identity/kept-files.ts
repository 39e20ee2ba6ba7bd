import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Backoff, delay } from "../backoff.js";
import type { Logger } from "../log.js";
import { readPrivateFile, replacePrivateFile } from "./private-file.js";
import { SecretUnavailableError, type KeptSecret, type SecretFiles, type SecretStore } from "./secret-store.js";

/** What makes a data directory this party's; everything else there is made anew or stands in the database. */
export const KEPT_FILES = ["identity.json", "admin-token", "admin-token.sha256", "tls-key.pem"] as const;

export interface KeptFilesOptions {
  readonly dataDir: string;
  /** Undefined: the data directory itself is kept. */
  readonly store: SecretStore | undefined;
  readonly log: Logger;
  /** Ends the waiting for a store that does not answer. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads what `load` makes of the private files in a data directory that may be empty at every start: the files of the store are put there
 * first, and what `load` adds is kept in the store before anybody uses it. Several processes that begin at once end up with the same files.
 * A store that does not answer is asked again until the signal is aborted.
 * @throws what `load` throws; the reason of the signal.
 */
export async function withKeptFiles<T>(options: KeptFilesOptions, load: () => Promise<T>): Promise<T> {
  const { store, log, signal } = options;
  if (store === undefined) return load();
  const backoff = new Backoff(500, 5_000);
  for (;;) {
    signal?.throwIfAborted();
    try {
      const loaded = await attempt(options.dataDir, store, load);
      if (loaded !== undefined) return loaded.value;
    } catch (error) {
      if (!(error instanceof SecretUnavailableError)) throw error;
      log.warn({ err: error }, "the identity cannot be read or kept yet; trying again");
    }
    await delay(backoff.next(), signal);
  }
}

/** Undefined where another process was first: its files count, and those that were made here are thrown away. */
async function attempt<T>(
  dataDir: string,
  store: SecretStore,
  load: () => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const before = await store.read();
  const own = await putDown(dataDir, before);
  const value = await load();
  const after = await keptFiles(dataDir);
  const added = Object.entries(after).filter(([file]) => before?.files[file] === undefined);
  if (added.length === 0 || (await store.write(Object.fromEntries(added), before))) return { value };
  for (const [file] of added) if (own[file] === undefined) await rm(join(dataDir, file), { force: true });
  return undefined;
}

/** Puts the kept files into the directory; returns what stood there beside them. */
async function putDown(dataDir: string, kept: KeptSecret | undefined): Promise<SecretFiles> {
  for (const file of KEPT_FILES) {
    const text = kept?.files[file];
    if (text !== undefined) await replacePrivateFile(join(dataDir, file), text);
  }
  return keptFiles(dataDir);
}

/** The private files of a data directory with their texts. */
export async function keptFiles(dataDir: string): Promise<SecretFiles> {
  const files: Record<string, string> = {};
  for (const file of KEPT_FILES) {
    const text = await readPrivateFile(join(dataDir, file));
    if (text !== undefined) files[file] = text;
  }
  return files;
}
