import { rm } from "node:fs/promises";
import { join } from "node:path";
import { hashToken, newToken } from "../auth/bearer.js";
import { createPrivateFile, readPrivateFile, replacePrivateFile } from "./private-file.js";

/** The admin token of a part, of which only the hash stays in memory. */
export interface AdminToken {
  /** As `hashToken` makes it. */
  readonly hash: string;
  /** File that shows the token's text to the admin; undefined if the configuration gave it. */
  readonly file: string | undefined;
  /** True if the token was made just now. */
  readonly isNew: boolean;
}

/** A configured admin token that is too easy to guess. */
export class AdminTokenInvalidError extends Error {
  constructor() {
    super("ADMIN_TOKEN must be 16 to 512 characters without white space; leave it away and one of 256 bit is made.");
    this.name = "AdminTokenInvalidError";
  }
}

/**
 * The admin token: `given` by the configuration, or made at first start. Its text then stands in the file `admin-token`
 * of the data directory (mode 0600), which the admin may delete after reading; the hash stays in `admin-token.sha256`.
 * To get a new token, delete both.
 */
export async function loadAdminToken(dataDir: string, given?: string): Promise<AdminToken> {
  if (given !== undefined && given !== "") {
    if (!/^\S{16,512}$/.test(given)) throw new AdminTokenInvalidError();
    return { hash: hashToken(given), file: undefined, isNew: false };
  }
  const file = join(dataDir, "admin-token");
  const hashFile = join(dataDir, "admin-token.sha256");
  const hash = (await readPrivateFile(hashFile))?.trim();
  if (hash !== undefined && /^[0-9a-f]{64}$/.test(hash)) return { hash, file, isNew: false };
  if (hash !== undefined) await rm(hashFile, { force: true });
  const token = newToken();
  // The text first: a crash in between makes a new token instead of one that nobody knows.
  await replacePrivateFile(file, `${token}\n`);
  await createPrivateFile(hashFile, `${hashToken(token)}\n`);
  return { hash: hashToken(token), file, isNew: true };
}
