import { Pool } from "pg";
import type { MigrationInterface, QueryRunner } from "typeorm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CatalogError } from "@catalog/schema/errors";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.js";
import { waitFor } from "../testing/wait-for.js";
import { ProofAuthenticator } from "./proof-authenticator.js";
import { newParty, NOW, proofOf, requestWith, type Party } from "./proof-authenticator.fixture.js";
import { PurgeSeenProofs } from "./purge-seen-proofs.task.js";
import { SEEN_PROOFS_DOWN, SEEN_PROOFS_UP, SqlSeenProofs } from "./seen-proofs.js";

class SeenProofs1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of SEEN_PROOFS_UP) await runner.query(sql);
  }
  async down(runner: QueryRunner): Promise<void> {
    for (const sql of SEEN_PROOFS_DOWN) await runner.query(sql);
  }
}

let database: TestDatabase;
let pools: Pool[];
let caller: Party;
let receiver: Party;
beforeAll(async () => {
  database = await createTestDatabase([SeenProofs1700000000000]);
  pools = [0, 1].map(() => new Pool({ connectionString: database.url }));
  caller = await newParty();
  receiver = await newParty();
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

function seenOn(pool: Pool): SqlSeenProofs {
  return new SqlSeenProofs({ query: async (sql, params) => (await pool.query(sql, params)).rows as unknown });
}

test("of two processes that are shown the same proof at once, exactly one accepts it", async () => {
  const authenticators = pools.map(
    (pool) =>
      new ProofAuthenticator(
        { fingerprint: receiver.keys.fingerprint, keyOf: () => Promise.resolve(caller.keys.signing.publicJwk) },
        seenOn(pool),
        { now: () => new Date(NOW * 1_000) },
      ),
  );
  for (let round = 0; round < 20; round += 1) {
    const request = requestWith({ authorization: `Catalog ${await proofOf(caller, receiver.keys.fingerprint)}` });
    const outcomes = await Promise.allSettled(
      authenticators.flatMap((one) => [one.authenticate(request), one.authenticate(request)]),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect((outcome.reason as CatalogError).code).toBe("PROOF_REPLAYED");
    }
  }
});

test("a used proof is remembered until ten minutes after it expired", async () => {
  const [pool] = pools as [Pool];
  const seen = seenOn(pool);
  expect(await seen.insert("iss", "kept", NOW)).toBe(true);
  await seen.purge({ now: () => new Date((NOW + 600) * 1_000) });
  expect(await seen.insert("iss", "kept", NOW)).toBe(false);
  const stop = new AbortController();
  const running = new PurgeSeenProofs(seen, { now: () => new Date((NOW + 601) * 1_000) }).run(stop.signal);
  await waitFor(async () => (await pool.query("SELECT 1 FROM seen_proofs WHERE jti = 'kept'")).rowCount === 0);
  stop.abort();
  await running;
  expect(await seen.insert("iss", "kept", NOW)).toBe(true);
});
