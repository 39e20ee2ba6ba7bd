import type { Transaction } from "@catalog/server/database/transaction";
import type { UnitBase } from "../services/contracts/ledger-ports.js";
import type { OffloadingUnit } from "../services/offloading/offloading-store.js";
import { SqlOffloadingRepository } from "./offloading.repository.js";
import { peeringUnit } from "./peering-unit.js";

/** The repositories of the own cluster, its peerings and what runs on them, bound to one transaction. */
export function offloadingUnit(tx: Transaction, base: UnitBase): OffloadingUnit {
  return { ...peeringUnit(tx, base), offloadings: new SqlOffloadingRepository(tx, tx.manager) };
}
