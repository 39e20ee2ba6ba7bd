import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "@catalog/server/database/embedded-postgres";
import { withClient } from "@catalog/server/database/ensure-database";
import { silentLog } from "@catalog/server/log";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownDatabase } from "./own-database.js";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "catalog-own-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const nameIn = (url: string) =>
  withClient(
    url,
    async (client) => (await client.query<{ name: string }>("SELECT current_database() AS name")).rows[0]?.name,
  );

describe("the database of a Connector without DATABASE_URL", () => {
  it("is reached beside the running Connector, started where none runs, and never shared for a restore", async () => {
    const server = await startEmbedded(dataDir, { log: silentLog(), durable: false });
    await server.ensureDatabase("connector");
    const shared = await ownDatabase(undefined, dataDir, true);
    expect(await nameIn(shared.url)).toBe("connector");
    await shared.close();
    await expect(ownDatabase(undefined, dataDir, false)).rejects.toThrow("must not run while");
    await server.stop();
    const alone = await ownDatabase(undefined, dataDir, false);
    expect(await nameIn(alone.url)).toBe("connector");
    await alone.close();
  });

  it("is the one of DATABASE_URL where there is one", async () => {
    expect((await ownDatabase("postgresql://somewhere/else", dataDir, false)).url).toBe("postgresql://somewhere/else");
  });
});
