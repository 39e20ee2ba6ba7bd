import { CatalogError } from "@catalog/schema/errors";
import type { Contract, TimelineEntry } from "../../domain/contract.js";
import type { ContractQuery, LedgerUnit, Transact } from "./ledger-ports.js";

/** There is no contract with this id. */
export class ContractNotFoundError extends CatalogError {
  constructor(contractID: string) {
    super("CONTRACT_NOT_FOUND", `There is no contract ${contractID} here.`, { contractID });
  }
}

/** Locks a contract until the commit. @throws CONTRACT_NOT_FOUND. */
export async function requireContract(unit: LedgerUnit, contractID: string): Promise<Contract> {
  const contract = await unit.contracts.find(contractID);
  if (contract === undefined) throw new ContractNotFoundError(contractID);
  return contract;
}

/** The contracts of this cluster, sold and bought. */
export class ContractService {
  constructor(private readonly transact: Transact<LedgerUnit>) {}

  /** @throws CONTRACT_NOT_FOUND. */
  get(contractID: string): Promise<Contract> {
    return this.transact(async (unit) => {
      const contract = await unit.contracts.get(contractID);
      if (contract === undefined) throw new ContractNotFoundError(contractID);
      return contract;
    });
  }

  /** Newest first. */
  list(query: ContractQuery): Promise<readonly Contract[]> {
    return this.transact((unit) => unit.contracts.list(query));
  }

  /** The states that a contract went through, oldest first. */
  timeline(contractID: string): Promise<readonly TimelineEntry[]> {
    return this.transact((unit) => unit.contracts.timeline(contractID));
  }
}
