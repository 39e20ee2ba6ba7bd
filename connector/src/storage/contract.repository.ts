import type { EntityManager } from "typeorm";
import type { Contract, TimelineEntry } from "../domain/contract.js";
import type { ContractQuery, ContractRepository } from "../services/contracts/ledger-ports.js";
import { CONTRACT_COLUMNS, contractFrom, contractValues, INSERT_CONTRACT, UPDATE_CONTRACT } from "./contract-row.js";
import { TimelineTable } from "./ledger.tables.js";
import type { Sql } from "./sql.js";

const SELECT = `SELECT ${CONTRACT_COLUMNS} FROM contracts`;

/** Contracts of both roles, their timelines, and the tombstones of ids that ended before they began. */
export class SqlContractRepository implements ContractRepository {
  constructor(
    private readonly sql: Sql,
    private readonly manager: EntityManager,
    private readonly now: Date,
  ) {}

  async find(contractID: string): Promise<Contract | undefined> {
    return (await this.select("WHERE contract_id = $1 FOR UPDATE", [contractID]))[0];
  }

  async get(contractID: string): Promise<Contract | undefined> {
    return (await this.select("WHERE contract_id = $1", [contractID]))[0];
  }

  async byRequestID(requestID: string): Promise<Contract | undefined> {
    await this.sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`request ${requestID}`]);
    return (await this.select("WHERE request_id = $1", [requestID]))[0];
  }

  list(query: ContractQuery): Promise<readonly Contract[]> {
    return this.select(
      `WHERE ($1::text IS NULL OR role = $1) AND ($2::text IS NULL OR state = $2)
         AND ($3::text IS NULL OR (created, contract_id) < (SELECT created, contract_id FROM contracts WHERE contract_id = $3))
       AND ($5::text IS NULL OR counterparty = $5)
       ORDER BY created DESC, contract_id DESC LIMIT $4`,
      [query.role ?? null, query.state ?? null, query.after ?? null, query.first, query.peer ?? null],
    );
  }

  soldTo(buyer: string, since: number, first: number): Promise<readonly Contract[]> {
    return this.select("WHERE counterparty = $1 AND role = 'SELLER' AND version > $2 ORDER BY version LIMIT $3", [
      buyer,
      since,
      first,
    ]);
  }

  pendingOf(buyer: string): Promise<readonly Contract[]> {
    return this.select("WHERE counterparty = $1 AND role = 'SELLER' AND is_live AND state <> 'ACTIVE'", [buyer]);
  }

  async countNew(counterparty: string, since: number): Promise<number> {
    const rows = await this.sql.query<{ count: string }>(
      `SELECT (SELECT count(*) FROM contracts WHERE counterparty = $1 AND role = 'SELLER' AND created >= $2)
            + (SELECT count(*) FROM contract_tombstones WHERE counterparty = $1 AND created >= $2) AS count`,
      [counterparty, since],
    );
    return Number(rows[0]?.count ?? 0);
  }

  async liveSellers(): Promise<readonly { fingerprint: string; lowestVersion: number }[]> {
    const rows = await this.sql.query<{ fingerprint: string; lowest: string }>(
      "SELECT counterparty AS fingerprint, min(version) AS lowest FROM contracts WHERE role = 'BUYER' AND is_live GROUP BY counterparty",
    );
    return rows.map((row) => ({ fingerprint: row.fingerprint, lowestVersion: Number(row.lowest) }));
  }

  async nextEndOfPurchase(now: number): Promise<number | null> {
    const rows = await this.sql.query<{ at: string | null }>(
      "SELECT min(valid_until) AS at FROM contracts WHERE role = 'BUYER' AND is_live AND state = 'ACTIVE' AND valid_until > $1",
      [now],
    );
    const at = rows[0]?.at ?? null;
    return at === null ? null : Number(at);
  }

  inForce(buyerClusterID: string, now: number): Promise<readonly Contract[]> {
    return this.select(
      `WHERE buyer_cluster_id = $1 AND role = 'SELLER' AND activated_at IS NOT NULL AND state = 'ACTIVE' AND NOT is_restored
         AND (valid_until IS NULL OR valid_until > $2)`,
      [buyerClusterID, now],
    );
  }

  async namesEverSold(buyerClusterID: string): Promise<readonly string[]> {
    const rows = await this.sql.query<{ name: string }>(
      `SELECT DISTINCT jsonb_object_keys(plan -> 'resources') AS name
         FROM contracts, jsonb_array_elements(offer -> 'plans') AS plan
        WHERE buyer_cluster_id = $1 AND role = 'SELLER' AND activated_at IS NOT NULL AND plan ->> 'planID' = request ->> 'planID'`,
      [buyerClusterID],
    );
    return rows.map((row) => row.name);
  }

  holding(): Promise<readonly Contract[]> {
    return this.select("WHERE is_holding ORDER BY contract_id", []);
  }

  overdue(): Promise<readonly Contract[]> {
    return this.select("WHERE is_overdue ORDER BY contract_id", []);
  }

  liveUnderOtherID(clusterID: string): Promise<readonly Contract[]> {
    return this.select(
      "WHERE is_live AND (CASE role WHEN 'SELLER' THEN seller ELSE buyer END) ->> 'clusterID' <> $1 ORDER BY contract_id",
      [clusterID],
    );
  }

  async due(now: number, first: number): Promise<{ contractIDs: readonly string[]; nextAt: number | null }> {
    const rows = await this.sql.query<{ id: string }>(
      "SELECT contract_id AS id FROM contracts WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
      [now, first],
    );
    const next = await this.sql.query<{ at: string | null }>(
      "SELECT min(due_at) AS at FROM contracts WHERE due_at > $1",
      [now],
    );
    const at = next[0]?.at ?? null;
    return { contractIDs: rows.map((row) => row.id), nextAt: at === null ? null : Number(at) };
  }

  async insert(contract: Contract): Promise<void> {
    await this.sql.query(INSERT_CONTRACT, contractValues(contract));
  }

  async save(contract: Contract): Promise<void> {
    await this.sql.query(UPDATE_CONTRACT, contractValues(contract));
  }

  async stampAll(incarnation: string, version: number): Promise<void> {
    await this.sql.query(
      "UPDATE contracts SET incarnation = $1, version = greatest(version + 1, $2) WHERE role = 'SELLER'",
      [incarnation, version],
    );
  }

  async addTimeline(entry: TimelineEntry): Promise<void> {
    await this.manager.insert(TimelineTable, entry);
  }

  timeline(contractID: string): Promise<readonly TimelineEntry[]> {
    return this.manager.find(TimelineTable, { where: { contractID }, order: { id: "ASC" } });
  }

  async addTombstone(counterparty: string, contractID: string, notice: string, version: number): Promise<void> {
    await this.sql.query("INSERT INTO contract_tombstones VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", [
      counterparty,
      contractID,
      notice,
      version,
      Math.floor(this.now.getTime() / 1000),
    ]);
  }

  async tombstone(counterparty: string, contractID: string): Promise<{ notice: string; version: number } | undefined> {
    const rows = await this.sql.query<{ notice: string; version: string }>(
      "SELECT notice, version FROM contract_tombstones WHERE counterparty = $1 AND contract_id = $2",
      [counterparty, contractID],
    );
    const row = rows[0];
    return row && { notice: row.notice, version: Number(row.version) };
  }

  private async select(where: string, parameters: readonly unknown[]): Promise<Contract[]> {
    return (await this.sql.query(`${SELECT} ${where}`, parameters)).map(contractFrom);
  }
}
