import type { PlanStock } from "../domain/own-offer.js";
import type { StockRepository } from "../services/contracts/ledger-ports.js";
import type { Sql } from "./sql.js";

interface StockRow {
  readonly offer_id: string;
  readonly plan_id: string;
  readonly quantity: string;
  readonly held: string;
  readonly overcommitted: string;
}

const SELECT = "SELECT offer_id, plan_id, quantity, held, overcommitted FROM plan_stock";

/** What exists and what is held of each plan. Behind the conditional statements stands the table's CHECK (held <= quantity + overcommitted). */
export class SqlStockRepository implements StockRepository {
  constructor(private readonly sql: Sql) {}

  async of(offerID: string): Promise<readonly PlanStock[]> {
    return (await this.sql.query<StockRow>(`${SELECT} WHERE offer_id = $1`, [offerID])).map(stockFrom);
  }

  async all(): Promise<readonly PlanStock[]> {
    return (await this.sql.query<StockRow>(SELECT)).map(stockFrom);
  }

  async setQuantities(offerID: string, quantities: Readonly<Record<string, number>>): Promise<void> {
    await this.sql.query(
      `UPDATE plan_stock SET quantity = 0, overcommitted = held WHERE offer_id = $1 AND NOT plan_id = ANY($2::text[])`,
      [offerID, Object.keys(quantities)],
    );
    await this.sql.query(
      `INSERT INTO plan_stock (offer_id, plan_id, quantity)
         SELECT $1, plan_id, quantity FROM unnest($2::text[], $3::bigint[]) AS new (plan_id, quantity)
       ON CONFLICT (offer_id, plan_id) DO UPDATE
         SET quantity = excluded.quantity, overcommitted = greatest(0, plan_stock.held - excluded.quantity)`,
      [offerID, Object.keys(quantities), Object.values(quantities)],
    );
  }

  async take(offerID: string, planID: string, units: number): Promise<boolean> {
    const rows = await this.sql.query(
      "UPDATE plan_stock SET held = held + $3 WHERE offer_id = $1 AND plan_id = $2 AND held + $3 <= quantity RETURNING held",
      [offerID, planID, units],
    );
    return rows.length === 1;
  }

  async release(offerID: string, planID: string, units: number): Promise<void> {
    await this.sql.query(
      `UPDATE plan_stock SET held = held - $3, overcommitted = least(overcommitted, greatest(0, held - $3 - quantity))
        WHERE offer_id = $1 AND plan_id = $2`,
      [offerID, planID, units],
    );
  }
}

function stockFrom(row: StockRow): PlanStock {
  return {
    offerID: row.offer_id,
    planID: row.plan_id,
    quantity: Number(row.quantity),
    held: Number(row.held),
    overcommitted: Number(row.overcommitted),
  };
}
