import type { EntityManager } from "typeorm";
import type { Allowance, AllowanceRepository } from "../services/contracts/ledger-ports.js";
import { AllowanceTable } from "./ledger.tables.js";

/** What the admin lets peers have without a contract. Rows stay for ever, for the names they contained. */
export class SqlAllowanceRepository implements AllowanceRepository {
  constructor(private readonly manager: EntityManager) {}

  async find(clusterID: string): Promise<Allowance | undefined> {
    return (await this.manager.findOneBy(AllowanceTable, { clusterID })) ?? undefined;
  }

  list(): Promise<readonly Allowance[]> {
    return this.manager.find(AllowanceTable, { order: { clusterID: "ASC" } });
  }

  async save(allowance: Allowance): Promise<void> {
    await this.manager.upsert(AllowanceTable, allowance, ["clusterID"]);
  }
}
