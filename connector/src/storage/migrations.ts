import { Brokers1763800000200 } from "./migrations/1763800000200-brokers.migration.js";
import { Ledger1763800000100 } from "./migrations/1763800000100-ledger.migration.js";
import { Peerings1763800000400 } from "./migrations/1763800000400-peerings.migration.js";
import { SeenProofs1763800000300 } from "./migrations/1763800000300-seen-proofs.migration.js";

/** Every migration of the Connector's database, in order. */
export const MIGRATIONS = [Ledger1763800000100, Brokers1763800000200, SeenProofs1763800000300, Peerings1763800000400];
