import type { MigrationInterface, QueryRunner } from "typeorm";
import { describe, expect, it } from "vitest";
import { withClient } from "../database/ensure-database.js";
import { createTestDatabase } from "./test-database.js";

class Apples1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE TABLE apples (id int PRIMARY KEY)");
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE apples");
  }
}

const count = (url: string) =>
  withClient(
    url,
    async (client) => (await client.query<{ n: number }>("SELECT count(*)::int AS n FROM apples")).rows[0]?.n,
  );

describe("createTestDatabase", () => {
  it("gives every caller a migrated database of its own", async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(() => createTestDatabase([Apples1700000000000])));
    const [first, second] = databases;
    await withClient(first?.url ?? "", (client) => client.query("INSERT INTO apples VALUES (1)"));
    expect(await count(first?.url ?? "")).toBe(1);
    expect(await count(second?.url ?? "")).toBe(0);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it("drops a database that is still in use", async () => {
    const database = await createTestDatabase([Apples1700000000000]);
    await withClient(database.url, () => database.drop());
    await database.drop();
    await expect(count(database.url)).rejects.toMatchObject({ code: "3D000" });
  });
});
