import { EntitySchema, type MigrationInterface, type QueryRunner } from "typeorm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../log.js";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.js";
import { waitFor } from "../testing/wait-for.js";
import type { Database } from "./database.js";
import { withClient } from "./ensure-database.js";
import { openDatabase } from "./open-database.js";

class Counters1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE TABLE counters (name text PRIMARY KEY, value int NOT NULL CHECK (value >= 0))");
    await runner.query("INSERT INTO counters VALUES ('a', 0), ('b', 0)");
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE counters");
  }
}

interface Counter {
  name: string;
  value: number;
}

const CounterEntity = new EntitySchema<Counter>({
  name: "counters",
  columns: { name: { type: String, primary: true }, value: { type: Number } },
});

let files: TestDatabase;
const open: Database[] = [];

async function database(overrides: { url?: string; clockOffsetMs?: number } = {}): Promise<Database> {
  const opened = await openDatabase({
    url: files.url,
    dataDir: "unused",
    name: "test",
    entities: [CounterEntity],
    migrations: [Counters1700000000000],
    production: true,
    log: silentLog(),
    ...overrides,
  });
  open.push(opened);
  return opened;
}

const valueOf = async (db: Database, name: string) =>
  (await db.query<Counter>("SELECT * FROM counters WHERE name = $1", [name]))[0]?.value;

beforeAll(async () => {
  files = await createTestDatabase();
});
afterEach(async () => {
  for (const db of open.splice(0)) await db.close();
});
afterAll(() => files.drop());

describe("openDatabase", () => {
  it("migrates once, however many start together", async () => {
    const databases = await Promise.all([database(), database(), database()]);
    for (const db of databases) expect(db.available()).toBe(true);
    expect(await databases[0]?.query("SELECT name FROM migrations")).toEqual([{ name: "Counters1700000000000" }]);
  });

  it("refuses to start in production without a URL", async () => {
    const options = { dataDir: "unused", name: "x", entities: [], migrations: [], production: true, log: silentLog() };
    await expect(openDatabase(options)).rejects.toMatchObject({ code: "DATABASE_URL_MISSING" });
  });

  it("throws what a wrong password or a failing migration throws", async () => {
    const url = new URL(files.url);
    url.password = "wrong";
    await expect(database({ url: url.href })).rejects.toMatchObject({ code: "28P01" });
  });
});

describe("transaction", () => {
  it("shares one connection between plain SQL and TypeORM", async () => {
    const db = await database();
    const seen = await db.transaction(async (tx) => {
      await tx.query("UPDATE counters SET value = 7 WHERE name = $1", ["a"]);
      const counter = await tx.manager.findOneBy(CounterEntity, { name: "a" });
      await tx.manager.save(CounterEntity, { name: "a", value: 8 });
      const [row] = await tx.query<Counter>("SELECT * FROM counters WHERE name = 'a'");
      return [counter?.value, row?.value];
    });
    expect(seen).toEqual([7, 8]);
    expect(await valueOf(db, "a")).toBe(8);
  });

  it("leaves nothing behind when the work throws, and gives the error on", async () => {
    const db = await database();
    const before = await valueOf(db, "b");
    const work = db.transaction(async (tx) => {
      await tx.execute("UPDATE counters SET value = value + 1 WHERE name = 'b'");
      throw new RangeError("no");
    });
    await expect(work).rejects.toBeInstanceOf(RangeError);
    expect(await valueOf(db, "b")).toBe(before);
  });

  it("refuses to commit what PostgreSQL would roll back silently", async () => {
    const db = await database();
    const work = db.transaction(async (tx) => {
      await tx.query("UPDATE counters SET value = -1").catch(() => undefined);
    });
    await expect(work).rejects.toMatchObject({ code: "TRANSACTION_ABORTED" });
  });

  it("reads the shifted database clock once", async () => {
    const db = await database({ clockOffsetMs: 3_600_000 });
    const [first, second, real] = await db.transaction(async (tx) => [
      await tx.now(),
      (await tx.query("SELECT pg_sleep(0.01)"), await tx.now()),
      (await tx.query<{ now: Date }>("SELECT clock_timestamp() AS now"))[0]?.now,
    ]);
    expect(second).toEqual(first);
    const shift = (first?.getTime() ?? 0) - (real?.getTime() ?? 0);
    expect(Math.abs(shift - 3_600_000)).toBeLessThan(30_000);
  });

  it("runs what is registered for after the commit once it is visible, and never after a rollback", async () => {
    const db = await database();
    const seen: unknown[] = [];
    await db.transaction(async (tx) => {
      await tx.execute("UPDATE counters SET value = 41 WHERE name = 'a'");
      tx.afterCommit(() => Promise.reject(new Error("logged only")));
      tx.afterCommit(async () => void seen.push(await valueOf(db, "a")));
    });
    await db
      .transaction(async (tx) => {
        tx.afterCommit(() => void seen.push("never"));
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    expect(seen).toEqual([41]);
  });

  it("repeats the loser of a serialization conflict until both have counted", async () => {
    const db = await database();
    await db.query("UPDATE counters SET value = 0");
    const increment = () =>
      db.transaction(async (tx) => {
        const [row] = await tx.query<Counter>("SELECT value FROM counters WHERE name = 'a'");
        await tx.execute("UPDATE counters SET value = $1 WHERE name = 'a'", [(row?.value ?? 0) + 1]);
      }, "SERIALIZABLE");
    await Promise.all([increment(), increment(), increment()]);
    expect(await valueOf(db, "a")).toBe(3);
  });

  it("repeats the victim of a deadlock", async () => {
    const db = await database();
    await db.query("UPDATE counters SET value = 0");
    let holding = 0;
    const both = (first: string, second: string) =>
      db.transaction(async (tx) => {
        await tx.execute("UPDATE counters SET value = value + 1 WHERE name = $1", [first]);
        holding += 1;
        await waitFor(() => holding >= 2);
        await tx.execute("UPDATE counters SET value = value + 1 WHERE name = $1", [second]);
      });
    await Promise.all([both("a", "b"), both("b", "a")]);
    expect([await valueOf(db, "a"), await valueOf(db, "b")]).toEqual([2, 2]);
    expect(holding).toBe(3);
  });

  it("gives up on a conflict that never ends", async () => {
    const db = await database();
    let attempts = 0;
    const work = db.transaction(async (tx) => {
      attempts += 1;
      await tx.query("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$");
    });
    await expect(work).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(attempts).toBe(6);
  });
});

describe("a connection that the server ends", () => {
  it("is reported as UNAVAILABLE, replaced, and never crashes the process", async () => {
    const db = await database();
    const work = db.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await withClient(files.url, (client) => client.query("SELECT pg_terminate_backend($1)", [row?.pid]));
      await waitFor(() => withClient(files.url, (client) => isGone(client, row?.pid)));
      await tx.query("SELECT 1");
    });
    await expect(work).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await waitFor(() => valueOf(db, "a").then((value) => value !== undefined));
    expect(db.available()).toBe(true);
  });

  it("does not keep a listener from hearing again", async () => {
    const db = await database();
    const heard: string[] = [];
    const stop = new AbortController();
    const listening = db.listen("changes", (payload) => heard.push(payload), stop.signal);
    await waitFor(() => heard.length === 1);
    await db.query("SELECT pg_notify('changes', 'one')");
    await waitFor(() => heard.includes("one"));
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'catalog-listener' AND datname = current_database()",
    );
    await waitFor(() => heard.filter((payload) => payload === "").length === 2);
    await db.query("SELECT pg_notify('changes', 'two')");
    await waitFor(() => heard.includes("two"));
    stop.abort();
    await listening;
  });
});

async function isGone(
  client: { query(sql: string, params: unknown[]): Promise<{ rowCount: number | null }> },
  pid?: number,
) {
  return (await client.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [pid])).rowCount === 0;
}
