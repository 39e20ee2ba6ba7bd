import { Access1763800000700 } from "./migrations/1763800000700-access.migration.js";
import { Capacity1763800000800 } from "./migrations/1763800000800-capacity.migration.js";
import { Declarations1763800000900 } from "./migrations/1763800000900-declarations.migration.js";
import { Attention1763800000600 } from "./migrations/1763800000600-attention.migration.js";
import { Brokers1763800000200 } from "./migrations/1763800000200-brokers.migration.js";
import { Ledger1763800000100 } from "./migrations/1763800000100-ledger.migration.js";
import { Offloadings1763800000500 } from "./migrations/1763800000500-offloadings.migration.js";
import { Peerings1763800000400 } from "./migrations/1763800000400-peerings.migration.js";
import { SeenProofs1763800000300 } from "./migrations/1763800000300-seen-proofs.migration.js";

/** Every migration of the Connector's database, in order. */
export const MIGRATIONS = [
  Ledger1763800000100,
  Brokers1763800000200,
  SeenProofs1763800000300,
  Peerings1763800000400,
  Offloadings1763800000500,
  Attention1763800000600,
  Access1763800000700,
  Capacity1763800000800,
  Declarations1763800000900,
];
