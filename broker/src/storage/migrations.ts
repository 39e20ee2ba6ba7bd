import type { MigrationClass } from "@catalog/server/database/migrate";

import { CatalogTables1790000000002 } from "./migrations/catalog-tables.migration.js";
import { MemberTables1790000000001 } from "./migrations/member-tables.migration.js";
import { ConsoleTables1790000000004 } from "./migrations/console-tables.migration.js";
import { SeenProofs1790000000003 } from "./migrations/seen-proofs.migration.js";

/** Everything that a Broker's database goes through, in order. */
export const BROKER_MIGRATIONS: readonly MigrationClass[] = [
  MemberTables1790000000001,
  CatalogTables1790000000002,
  SeenProofs1790000000003,
  ConsoleTables1790000000004,
];
