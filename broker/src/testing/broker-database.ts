import { openDatabase } from "@catalog/server/database/open-database";
import type { Database } from "@catalog/server/database/database";
import { silentLog } from "@catalog/server/log";
import { createTestDatabase, type TestDatabase } from "@catalog/server/testing/test-database";

import { BROKER_MIGRATIONS } from "../storage/migrations.js";
import type { PutLimits } from "../storage/put-documents.js";
import { asTransactional, type TransactionalDatabase } from "../storage/queryable.js";

/** A Broker's database that nobody else uses. */
export interface BrokerTestDatabase {
  readonly database: Database;
  /** The same for repositories. */
  readonly sql: TransactionalDatabase;
  readonly url: string;
  close(): Promise<void>;
}

export const TEST_LIMITS: PutLimits = { offersPerMember: 200, aheadMs: 600_000, clockOffsetMs: 0 };

/** Opens a new database with everything that a Broker's has. */
export async function openBrokerDatabase(): Promise<BrokerTestDatabase> {
  const test: TestDatabase = await createTestDatabase(BROKER_MIGRATIONS);
  const database = await openDatabase({
    url: test.url,
    dataDir: "",
    name: "broker-test",
    entities: [],
    migrations: BROKER_MIGRATIONS,
    production: false,
    log: silentLog(),
  });
  return {
    database,
    sql: asTransactional(database),
    url: test.url,
    close: async () => {
      await database.close();
      await test.drop();
    },
  };
}
