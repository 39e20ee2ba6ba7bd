import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withClient } from "@catalog/server/database/ensure-database";
import { createTestDatabase } from "@catalog/server/testing/test-database";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleOffer } from "../testing/sample-offers.js";
import { TestConnector } from "../testing/test-connector.js";
import { run } from "./testing/run.js";

const PASSPHRASE = { CATALOG_PASSPHRASE: "correct horse battery" };

let folder: string;
let file: string;
let connector: TestConnector;
let emptied: Awaited<ReturnType<typeof createTestDatabase>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalog-backup-"));
  file = join(folder, "turin.backup");
  emptied = await createTestDatabase();
  connector = await TestConnector.start({ CLUSTER_PRETTY_NAME: "Turin", CONTRACT_ENDPOINT: "http://localhost:1" });
  await waitFor(
    async () =>
      (await connector.ask<{ connector: { ready: boolean } }>("{ connector { ready } }")).data?.connector.ready,
  );
  await save("first");
});
afterEach(async () => {
  await connector.stop();
  await emptied.drop();
  await rm(folder, { recursive: true, force: true });
});

const save = (offerID: string) =>
  connector.get("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", {
    offer: sampleOffer({ offerID }),
  });
const offers = async () =>
  (await connector.get<{ myOffers: { offerID: string }[] }>("{ myOffers { offerID } }")).myOffers.map(
    (one) => one.offerID,
  );
const fingerprint = async () =>
  (await connector.get<{ connector: { fingerprint: string } }>("{ connector { fingerprint } }")).connector.fingerprint;
const place = () => ({ DATABASE_URL: connector.databaseUrl, DATA_DIR: connector.dataDir, ...PASSPHRASE });

describe("backup and restore of a Connector", () => {
  it("bring database and identity back, as a new life of the database", async () => {
    const before = await fingerprint();
    expect(await run(["backup", file], place())).toMatchObject({ code: 0, err: expect.stringContaining(before) });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await save("lost");
    await connector.destroy();
    const target = { ...place(), DATABASE_URL: emptied.url };
    expect(await run(["restore", file], target)).toMatchObject({ code: 0, err: expect.stringContaining("are back") });
    await connector.startAgain({ DATABASE_URL: emptied.url });
    expect([await fingerprint(), await offers()]).toEqual([before, ["first"]]);
    const { activity } = await connector.get<{ activity: { action: string }[] }>("{ activity { action } }");
    expect(activity.map(({ action }) => action)).toContain("database.restored");
  });

  it("refuse a running Connector, a database in use, and another identity, unless told", async () => {
    await run(["backup", file], place());
    expect(await run(["restore", file], place())).toMatchObject({
      code: 1,
      err: expect.stringContaining("stop it first"),
    });
    await connector.halt();
    expect(await run(["restore", file], place())).toMatchObject({ code: 1, err: expect.stringContaining("not empty") });
    const elsewhere = join(folder, "elsewhere");
    expect((await run(["restore", file, "--identity-only"], { ...place(), DATA_DIR: elsewhere })).code).toBe(0);
    const identity = await readFile(join(elsewhere, "identity.json"), "utf8");
    expect(identity).toBe(await readFile(join(connector.dataDir, "identity.json"), "utf8"));
    expect((await run(["restore", file, "--force", "--no-identity"], place())).code).toBe(0);
    await connector.startAgain({});
    expect(await offers()).toEqual(["first"]);
  });

  it("say what is missing", async () => {
    const { CATALOG_PASSPHRASE: _none, ...open } = place();
    expect(await run(["backup", file], open)).toMatchObject({ code: 2, err: expect.stringContaining("--no-identity") });
    expect(await run(["backup", file], { ...place(), CATALOG_PASSPHRASE: "short" })).toMatchObject({ code: 1 });
    expect(await run(["backup", file], { ...place(), DATA_DIR: folder })).toMatchObject({
      code: 1,
      err: expect.stringContaining("no identity in"),
    });
    expect(await run(["backup", file, "--no-identity"], { DATABASE_URL: emptied.url })).toMatchObject({
      code: 1,
      err: expect.stringContaining("not the database of a Connector"),
    });
    expect((await run(["backup", file, "--no-identity"], place())).code).toBe(0);
    expect(await run(["restore", file], { ...place(), DATABASE_URL: emptied.url })).toMatchObject({
      code: 1,
      err: expect.stringContaining("holds no identity"),
    });
    await run(["backup", file], place());
    const wrong = { ...place(), DATABASE_URL: emptied.url, CATALOG_PASSPHRASE: "another passphrase" };
    expect(await run(["restore", file], wrong)).toMatchObject({
      code: 1,
      err: expect.stringContaining("does not open"),
    });
    const { rowCount } = await withClient(emptied.url, (client) =>
      client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'"),
    );
    expect(rowCount).toBe(0);
  });
});
