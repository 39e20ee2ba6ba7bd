import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../log.js";
import { loadAdminToken } from "./admin-token.js";
import { withKeptFiles } from "./kept-files.js";
import { KeyFileInvalidError, loadOrCreateKeys } from "./key-store.js";
import { SecretUnavailableError, type KeptSecret, type SecretFiles, type SecretStore } from "./secret-store.js";

/** A Secret in memory, with the versions of a real one. */
class MemorySecret implements SecretStore {
  files: SecretFiles | undefined;
  failures = 0;
  #version = 0;

  async read(): Promise<KeptSecret | undefined> {
    if (this.failures-- > 0) throw new SecretUnavailableError("get", "keys", "503");
    if (this.files === undefined) return undefined;
    return { files: this.files, object: { metadata: { resourceVersion: this.#version } } };
  }

  async write(files: SecretFiles, before: KeptSecret | undefined): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    if ((before?.object.metadata["resourceVersion"] ?? 0) !== this.#version) return false;
    this.files = { ...this.files, ...files };
    this.#version += 1;
    return true;
  }
}

let root: string;
let store: MemorySecret;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "catalog-kept-"));
  store = new MemorySecret();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const start = (name: string, signal?: AbortSignal) => {
  const dataDir = join(root, name);
  return withKeptFiles({ dataDir, store, log: silentLog(), signal }, async () => ({
    keys: await loadOrCreateKeys(dataDir),
    token: await loadAdminToken(dataDir),
  }));
};

describe("files kept in a Secret", () => {
  test("a pod with an empty directory is who the pod before it was", async () => {
    const first = await start("first");
    expect(first.token.isNew).toBe(true);
    expect(Object.keys(store.files ?? {}).toSorted()).toEqual(["admin-token", "admin-token.sha256", "identity.json"]);
    const second = await start("second");
    expect(second.keys).toEqual(first.keys);
    expect(second.token).toMatchObject({ hash: first.token.hash, isNew: false });
  });

  test("pods that begin at once are one party", async () => {
    const all = await Promise.all(Array.from({ length: 6 }, (_, n) => start(`pod-${n}`)));
    expect(new Set(all.map(({ keys }) => keys.fingerprint)).size).toBe(1);
    expect(new Set(all.map(({ token }) => token.hash)).size).toBe(1);
    expect(JSON.parse(store.files?.["identity.json"] ?? "")).toMatchObject({ fingerprint: all[0]?.keys.fingerprint });
  });

  test("keys of a directory that was kept before are moved into the Secret", async () => {
    const before = await loadOrCreateKeys(join(root, "moved"));
    expect((await start("moved")).keys).toEqual(before);
    expect((await start("other")).keys).toEqual(before);
  });

  test("the Secret counts, not what a directory holds beside it", async () => {
    const { keys } = await start("first");
    await loadOrCreateKeys(join(root, "stranger"));
    expect((await start("stranger")).keys).toEqual(keys);
  });

  test("a Secret that cannot be read is waited for, until the process is to stop", async () => {
    store.failures = 1;
    expect((await start("patient")).keys.fingerprint).toMatch(/^[\w-]{43}$/);
    store.failures = 1_000;
    const stop = new AbortController();
    const waiting = start("stopped", stop.signal);
    stop.abort(new Error("told to stop"));
    await expect(waiting).rejects.toThrow("told to stop");
  });

  test("damaged keys are refused, never replaced", async () => {
    store.files = { "identity.json": "{}" };
    await expect(start("damaged")).rejects.toThrow(KeyFileInvalidError);
    expect(store.files).toEqual({ "identity.json": "{}" });
  });
});
