import type { Contract } from "../domain/contract.js";
import type { OverviewReader } from "../services/overview/overview-ports.js";
import { CONTRACT_COLUMNS, contractFrom } from "./contract-row.js";
import type { Sql } from "./sql.js";

const SELECT = `SELECT ${CONTRACT_COLUMNS} FROM contracts`;

/** Contracts for the overview; each statement on its own. */
export class OverviewRepository implements OverviewReader {
  constructor(private readonly sql: Sql) {}

  costing(from: number, after: string, first: number): Promise<readonly Contract[]> {
    return this.select(
      `WHERE activated_at IS NOT NULL AND coalesce(ended_at, valid_until, $1::bigint + 1) > $1 AND contract_id > $2
       ORDER BY contract_id LIMIT $3`,
      [from, after, first],
    );
  }

  active(first: number): Promise<readonly Contract[]> {
    return this.select("WHERE state = 'ACTIVE' ORDER BY contract_id LIMIT $1", [first]);
  }

  waiting(first: number): Promise<readonly Contract[]> {
    return this.select("WHERE state = 'PENDING_APPROVAL' AND role = 'SELLER' ORDER BY created, contract_id LIMIT $1", [
      first,
    ]);
  }

  expiring(before: number, first: number): Promise<readonly Contract[]> {
    return this.select("WHERE state = 'ACTIVE' AND valid_until < $1 ORDER BY valid_until, contract_id LIMIT $2", [
      before,
      first,
    ]);
  }

  private async select(clause: string, parameters: readonly unknown[]): Promise<readonly Contract[]> {
    return (await this.sql.query(`${SELECT} ${clause}`, parameters)).map(contractFrom);
  }
}
