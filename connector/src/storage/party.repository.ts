import type { BuyerRepository, PlanBlock, SellerRepository } from "../services/contracts/ledger-ports.js";
import type { Sql } from "./sql.js";

/** What is remembered of those who buy here. */
export class SqlBuyerRepository implements BuyerRepository {
  constructor(
    private readonly sql: Sql,
    private readonly now: Date,
  ) {}

  async lock(buyer: string): Promise<void> {
    await this.sql.query("INSERT INTO buyers VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      buyer,
      Math.floor(this.now.getTime() / 1000),
    ]);
    await this.sql.query("SELECT 1 FROM buyers WHERE fingerprint = $1 FOR UPDATE", [buyer]);
  }

  async block(buyer: string, offerID: string, planID: string): Promise<PlanBlock | undefined> {
    const rows = await this.sql.query<{ lapses: number; blocked_until: string }>(
      "SELECT lapses, blocked_until FROM plan_blocks WHERE buyer = $1 AND offer_id = $2 AND plan_id = $3",
      [buyer, offerID, planID],
    );
    const row = rows[0];
    return row && { lapses: row.lapses, blockedUntil: Number(row.blocked_until) };
  }

  async saveBlock(buyer: string, offerID: string, planID: string, block: PlanBlock): Promise<void> {
    await this.sql.query(
      `INSERT INTO plan_blocks VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (buyer, offer_id, plan_id) DO UPDATE SET lapses = excluded.lapses, blocked_until = excluded.blocked_until`,
      [buyer, offerID, planID, block.lapses, block.blockedUntil],
    );
  }

  async clearBlock(buyer: string, offerID: string, planID: string): Promise<void> {
    await this.sql.query("DELETE FROM plan_blocks WHERE buyer = $1 AND offer_id = $2 AND plan_id = $3", [
      buyer,
      offerID,
      planID,
    ]);
  }
}

/** What is remembered of those who sell to this cluster. */
export class SqlSellerRepository implements SellerRepository {
  constructor(private readonly sql: Sql) {}

  async incarnation(seller: string): Promise<string | undefined> {
    const rows = await this.sql.query<{ incarnation: string }>(
      "SELECT incarnation FROM sellers WHERE fingerprint = $1",
      [seller],
    );
    return rows[0]?.incarnation;
  }

  async saveIncarnation(seller: string, incarnation: string): Promise<void> {
    await this.sql.query(
      `INSERT INTO sellers VALUES ($1, $2) ON CONFLICT (fingerprint) DO UPDATE
         SET incarnation = greatest(sellers.incarnation COLLATE "C", excluded.incarnation COLLATE "C")`,
      [seller, incarnation],
    );
  }
}
