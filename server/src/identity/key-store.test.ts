import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signerFrom, TYP, verifyJws } from "@catalog/schema/documents/jws";
import { hashToken, matchesToken } from "../auth/bearer.js";
import { AdminTokenInvalidError, loadAdminToken } from "./admin-token.js";
import { KEY_FILE, KeyFileInvalidError, loadOrCreateKeys } from "./key-store.js";
import { PrivateFileExposedError } from "./private-file.js";

let root: string;
let dataDir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "catalog-keys-"));
  dataDir = join(root, "data");
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function edit(change: (keys: Record<string, Record<string, unknown>>) => void): Promise<void> {
  const file = join(dataDir, KEY_FILE);
  const keys = JSON.parse(await readFile(file, "utf8")) as Record<string, Record<string, unknown>>;
  change(keys);
  await writeFile(file, JSON.stringify(keys));
}

describe("keys", () => {
  test("are made once, private to their owner, and work after a restart", async () => {
    const made = await loadOrCreateKeys(dataDir);
    expect(await loadOrCreateKeys(dataDir)).toEqual(made);
    expect((await stat(join(dataDir, KEY_FILE))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(dataDir)).toEqual([KEY_FILE]);
    const jws = await (await signerFrom(made)).sign(TYP.notice, { iss: made.fingerprint });
    await verifyJws(jws, TYP.notice, () => made.signing.publicJwk);
  });

  test("of several processes that start at once are the same", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKeys(dataDir)));
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(await readdir(dataDir)).toEqual([KEY_FILE]);
  });

  test.each([0o640, 0o604, 0o620])("in a file of mode %o are refused", async (mode) => {
    await loadOrCreateKeys(dataDir);
    await chmod(join(dataDir, KEY_FILE), mode);
    await expect(loadOrCreateKeys(dataDir)).rejects.toThrow(PrivateFileExposedError);
    await expect(loadOrCreateKeys(dataDir)).rejects.toThrow(`chmod 600 ${join(dataDir, KEY_FILE)}`);
  });

  test("that were damaged are refused, never replaced", async () => {
    await loadOrCreateKeys(dataDir);
    const file = join(dataDir, KEY_FILE);
    const good = await readFile(file, "utf8");
    const other = await loadOrCreateKeys(join(root, "other"));
    const damages: ((keys: Record<string, Record<string, unknown>>) => void)[] = [
      (keys) => delete keys["signing"],
      (keys) => delete keys["fingerprint"],
      (keys) => Object.assign(keys["signing"]?.["privateJwk"] ?? {}, { d: other.signing.privateJwk.d }),
      (keys) => Object.assign(keys["signing"] ?? {}, { privateJwk: other.signing.privateJwk }),
      (keys) => Object.assign(keys["encryption"] ?? {}, { kid: other.encryption.kid }),
      (keys) => Object.assign(keys["encryption"] ?? {}, { publicJwk: other.encryption.publicJwk }),
      (keys) => Object.assign(keys["signing"] ?? {}, { publicJwk: { kty: "OKP", crv: "Ed25519", x: "AA" } }),
    ];
    for (const damage of damages) {
      await writeFile(file, good);
      await edit(damage);
      await expect(loadOrCreateKeys(dataDir)).rejects.toThrow(KeyFileInvalidError);
    }
    for (const text of ["", "{", "null", good.slice(0, 200)]) {
      await writeFile(file, text);
      await expect(loadOrCreateKeys(dataDir)).rejects.toThrow(KeyFileInvalidError);
      expect(await readFile(file, "utf8")).toBe(text);
    }
  });
});

describe("the admin token", () => {
  test("is made once, shown in a private file, and outlives that file", async () => {
    const made = await loadAdminToken(dataDir);
    const file = join(dataDir, "admin-token");
    expect(made).toMatchObject({ file, isNew: true });
    const token = (await readFile(file, "utf8")).trim();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(matchesToken(token, made.hash)).toBe(true);
    expect(await loadAdminToken(dataDir)).toEqual({ ...made, isNew: false });
    await rm(file);
    expect(await loadAdminToken(dataDir)).toEqual({ ...made, isNew: false });
  });

  test("may be given, if it cannot be guessed, and is then written nowhere", async () => {
    const given = "0123456789abcdef";
    expect(await loadAdminToken(dataDir, given)).toEqual({ hash: hashToken(given), file: undefined, isNew: false });
    await expect(readdir(dataDir)).rejects.toThrow("ENOENT");
    await expect(loadAdminToken(dataDir, "short")).rejects.toThrow(AdminTokenInvalidError);
    await expect(loadAdminToken(dataDir, "0123456789 abcdef")).rejects.toThrow(AdminTokenInvalidError);
  });
});
