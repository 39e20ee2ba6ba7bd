import type { Transaction } from "@catalog/server/database/transaction";
import type { UnitBase } from "../services/contracts/ledger-ports.js";
import type { PeeringUnit } from "../services/peerings/peering-store.js";
import { ledgerUnit } from "./ledger-unit.js";
import { SqlPeeringRepository } from "./peering.repository.js";

/** The repositories of the own cluster and its peerings, bound to one transaction. */
export function peeringUnit(tx: Transaction, base: UnitBase): PeeringUnit {
  return { ...ledgerUnit(tx, base), peerings: new SqlPeeringRepository(tx, tx.manager) };
}
