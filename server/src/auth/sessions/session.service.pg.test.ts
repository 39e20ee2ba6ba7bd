import type { MigrationInterface, QueryRunner } from "typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../database/open-database.js";
import type { Database } from "../../database/database.js";
import { silentLog } from "../../log.js";
import { createTestDatabase } from "../../testing/test-database.js";
import { OwnOrigins } from "./own-origins.js";
import { SessionService } from "./session.service.js";
import { SESSIONS_DOWN, SESSIONS_UP, SqlSessions } from "./sql-sessions.js";

class Sessions1790000000001 implements MigrationInterface {
  readonly name = "Sessions1790000000001";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of SESSIONS_UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of SESSIONS_DOWN) await runner.query(statement);
  }
}

const START = 1_800_000_000;
const unauthenticated = expect.objectContaining({ code: "UNAUTHENTICATED" }) as Error;

let drop: () => Promise<void>;
let database: Database;
let now = START;

const clock = { now: () => new Date(now * 1_000) };
const serviceOf = (fingerprint = "fingerprint-one") =>
  new SessionService(new SqlSessions(database), clock, {
    fingerprint,
    lifetime: 600,
    origins: new OwnOrigins(false, []),
  });
const request = (service: SessionService, { cookie, secret }: { cookie: string; secret: string }) => ({
  headers: {
    host: "localhost:1",
    origin: "http://localhost:1",
    cookie: `${service.cookieName}=${cookie}`,
    "catalog-session": secret,
  },
});

beforeAll(async () => {
  const test = await createTestDatabase([Sessions1790000000001]);
  drop = () => test.drop();
  database = await openDatabase({
    url: test.url,
    dataDir: "",
    name: "test",
    entities: [],
    migrations: [Sessions1790000000001],
    production: false,
    log: silentLog(),
    clockOffsetMs: 0,
    poolSize: 2,
  });
  await database.ready();
});
afterAll(async () => {
  await database.close();
  await drop();
});

describe("sessions in PostgreSQL", () => {
  it("keep neither cookie nor secret, and are shared by replicas", async () => {
    const begun = await serviceOf().begin("hash of a token");
    const rows = JSON.stringify(await database.query("SELECT * FROM sessions"));
    expect(rows).not.toContain(begun.cookie);
    expect(rows).not.toContain(begun.secret);
    const replica = serviceOf();
    expect(await replica.find(request(replica, begun))).toEqual(begun.session);
    await replica.end(request(replica, begun));
    await expect(serviceOf().find(request(replica, begun))).rejects.toEqual(unauthenticated);
    expect(await replica.end(request(replica, begun))).toBeUndefined();
  });

  it("end at their time, and are forgotten", async () => {
    const service = serviceOf();
    const begun = await service.begin("hash of a token");
    const { idHash } = begun.session;
    now = START + 599;
    expect(await service.liveAmong([idHash, "other"])).toEqual(new Set([idHash]));
    expect(await service.find(request(service, begun))).toBeDefined();
    now = START + 600;
    expect(await service.liveAmong([idHash])).toEqual(new Set());
    await expect(service.find(request(service, begun))).rejects.toEqual(unauthenticated);
    await new SqlSessions(database).purge(now);
    expect(await database.query("SELECT * FROM sessions")).toEqual([]);
    now = START;
  });

  it("count under the name of their own party only, and not without a secret", async () => {
    const service = serviceOf();
    const begun = await service.begin("hash of a token");
    const other = serviceOf("fingerprint-two");
    const stranger = serviceOf("another-party");
    expect(other.cookieName).toBe(service.cookieName);
    await expect(stranger.find(request(service, begun))).rejects.toEqual(unauthenticated);
    const { "catalog-session": _, ...withoutSecret } = request(service, begun).headers;
    expect(await service.find({ headers: withoutSecret })).toBeUndefined();
    expect(await service.find({ headers: withoutSecret, connectionParams: { session: begun.secret } })).toBeDefined();
    await expect(service.find({ headers: withoutSecret, connectionParams: { session: 5 } })).rejects.toEqual(
      unauthenticated,
    );
  });
});
