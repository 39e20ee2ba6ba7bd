import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withClient } from "../database/ensure-database.js";
import { createTestDatabase } from "../testing/test-database.js";
import { openBackup, requireWhole, writeBackup, type BackupHeader } from "./backup-file.js";
import { dropTables, dumpDatabase, loadDatabase } from "./database-dump.js";

const SCHEMA = `
  CREATE TABLE a_child (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent text NOT NULL REFERENCES parents_z);
  CREATE TABLE odd ("select" numeric, big bigint, at timestamptz, raw bytea, doc jsonb, flag boolean, list text[],
    twice bigint GENERATED ALWAYS AS (big * 2) STORED);
  CREATE TABLE left_out (id int);
  CREATE TABLE single (only_row boolean PRIMARY KEY DEFAULT true, value text);
  INSERT INTO single (value) VALUES ('as made');`;
const TABLES = `CREATE TABLE parents_z (name text PRIMARY KEY); ${SCHEMA}`;
const ROWS = `
  INSERT INTO parents_z SELECT 'parent ' || n FROM generate_series(1, 1200) n;
  INSERT INTO a_child (parent) SELECT 'parent ' || n FROM generate_series(1, 1200) n;
  DELETE FROM a_child WHERE id > 1100;
  INSERT INTO odd VALUES
    (1234567890123456789.000001, 9007199254740993, '2026-01-31 12:34:56.123456+00', '\\x00ff10', '{"a": [1, 12345678901234567890]}', true, '{a,"b c"}'),
    (NULL, NULL, NULL, NULL, 'null', NULL, NULL),
    (0, -1, '0044-03-15 BC', '', '"line\\u2028sep\\nnew"', false, '{}');
  INSERT INTO left_out VALUES (1);
  UPDATE single SET value = E'text with \\u2028, \\n, "quotes" and 😀';`;
const HEADER: BackupHeader = {
  part: "test",
  version: "1",
  created: 1,
  fingerprint: "f",
  migrations: [],
  identity: null,
};

let folder: string;
let file: string;
let source: Awaited<ReturnType<typeof createTestDatabase>>;
let target: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalog-dump-"));
  source = await createTestDatabase();
  await withClient(source.url, (client) => client.query(TABLES + ROWS));
});
afterAll(async () => {
  await source.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  file = join(folder, "one.backup");
  target = await createTestDatabase();
  await withClient(target.url, (client) => client.query(TABLES));
});
afterEach(() => target.drop());

const save = () =>
  withClient(source.url, (client) => writeBackup(file, HEADER, dumpDatabase(client, { without: ["left_out"] })));
const load = () =>
  openBackup(file).then(({ lines }) => withClient(target.url, (client) => loadDatabase(client, lines())));
const content = (url: string) =>
  withClient(url, async (client) => {
    const all: Record<string, unknown> = {};
    for (const table of ["parents_z", "a_child", "odd", "single"])
      all[table] = (await client.query(`SELECT t::text FROM ${table} t ORDER BY 1`)).rows;
    return all;
  });

describe("a dump", () => {
  it("brings every value back exactly, into tables that refer to each other", async () => {
    await save();
    expect(await load()).toBe(1200 + 1100 + 3 + 1);
    expect(await content(target.url)).toEqual(await content(source.url));
    await withClient(target.url, async (client) => {
      expect((await client.query("SELECT 1 FROM left_out")).rowCount).toBe(0);
      const { rows } = await client.query("INSERT INTO a_child (parent) VALUES ('parent 1') RETURNING id");
      expect(rows).toEqual([{ id: "1201" }]);
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("is one moment, whatever is written meanwhile", async () => {
    await withClient(source.url, async (client) => {
      const lines = dumpDatabase(client, { without: ["left_out"] });
      const first = await lines.next();
      await withClient(source.url, (other) => other.query("INSERT INTO single VALUES (false, 'later')"));
      async function* rest() {
        if (first.done !== true) yield first.value;
        yield* lines;
      }
      await writeBackup(file, HEADER, rest());
    });
    await withClient(source.url, (other) => other.query("DELETE FROM single WHERE NOT only_row"));
    await load();
    expect(await content(target.url)).toEqual(await content(source.url));
  });

  it("that is damaged changes nothing", async () => {
    await save();
    const whole = await readFile(file);
    const texts = gunzipSync(whole).toString();
    const before = await content(target.url);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    await expect(requireWhole(file)).rejects.toThrow("not a whole backup");
    await writeFile(file, gzipSync(texts.slice(0, texts.lastIndexOf("\n", texts.length - 2) + 1)));
    await expect(requireWhole(file)).rejects.toThrow("its end is missing");
    await expect(load()).rejects.toThrow("not whole");
    await writeFile(file, gzipSync(texts.replace(/\nr.*\n/, "\n")));
    await expect(load()).rejects.toThrow("not whole");
    expect(await content(target.url)).toEqual(before);
    for (const other of [whole.subarray(5), gzipSync("{}\n"), gzipSync("x")]) {
      await writeFile(file, other);
      await expect(openBackup(file)).rejects.toThrow(/backup|not whole/);
    }
    await expect(openBackup(join(folder, "nothing"))).rejects.toThrow("does not exist");
  });

  it("finds an empty place again after everything was dropped", async () => {
    await withClient(target.url, dropTables);
    await withClient(target.url, async (client) => {
      expect((await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).rowCount).toBe(0);
      await dropTables(client);
    });
  });
});
