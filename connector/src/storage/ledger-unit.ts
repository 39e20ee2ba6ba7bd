import type { Transaction } from "@catalog/server/database/transaction";
import type { LedgerUnit, UnitBase } from "../services/contracts/ledger-ports.js";
import { SqlAllowanceRepository } from "./allowance.repository.js";
import { SqlCapacityRepository } from "./capacity.repository.js";
import { SqlClusterRepository } from "./cluster.repository.js";
import { SqlContractRepository } from "./contract.repository.js";
import { OwnOfferRepository } from "./offer.repository.js";
import { SqlOutbox } from "./outbox.repository.js";
import { SqlBuyerRepository, SqlSellerRepository } from "./party.repository.js";
import { SqlStockRepository } from "./stock.repository.js";

/** The repositories of the own cluster, bound to one transaction. */
export function ledgerUnit(tx: Transaction, base: UnitBase): LedgerUnit {
  return {
    ...base,
    cluster: new SqlClusterRepository(tx, base.now),
    offers: new OwnOfferRepository(tx.manager),
    stock: new SqlStockRepository(tx),
    contracts: new SqlContractRepository(tx, tx.manager, base.now),
    buyers: new SqlBuyerRepository(tx, base.now),
    sellers: new SqlSellerRepository(tx),
    outbox: new SqlOutbox(tx, base.now, () => base.changed("outbox", "")),
    allowances: new SqlAllowanceRepository(tx.manager),
    capacity: new SqlCapacityRepository(tx, base.now),
  };
}
