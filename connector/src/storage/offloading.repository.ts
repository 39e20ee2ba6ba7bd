import type { EntityManager } from "typeorm";
import type { Offloading } from "../domain/offloading.js";
import type { EndingOffload, OffloadingRepository } from "../services/offloading/offloading-store.js";
import { OffloadingTable } from "./offloading.tables.js";
import type { Sql } from "./sql.js";

const ENDING = `SELECT c.contract_id AS id, c.valid_until AS until, c.seller ->> 'prettyName' AS provider,
    array_agg(o.namespace ORDER BY o.namespace) AS namespaces
  FROM offloadings o JOIN contracts c USING (contract_id)
  WHERE o.is_wanted AND c.state = 'ACTIVE' AND c.valid_until > $1 AND c.valid_until <= $2
  GROUP BY c.contract_id, c.valid_until, c.seller ->> 'prettyName' ORDER BY c.contract_id`;

/** The namespaces that are to be offloaded. */
export class SqlOffloadingRepository implements OffloadingRepository {
  constructor(
    private readonly sql: Sql,
    private readonly manager: EntityManager,
  ) {}

  list(contractID?: string): Promise<readonly Offloading[]> {
    return this.manager.find(OffloadingTable, {
      where: contractID === undefined ? {} : { contractID },
      order: { namespace: "ASC", contractID: "ASC" },
    });
  }

  async ofNamespace(namespace: string): Promise<readonly Offloading[]> {
    await this.sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`offloading ${namespace}`]);
    return this.manager.find(OffloadingTable, { where: { namespace }, order: { contractID: "ASC" } });
  }

  async save(offloading: Offloading): Promise<void> {
    await this.manager.upsert(OffloadingTable, offloading, ["contractID", "namespace"]);
  }

  async remove(contractID: string, namespace: string): Promise<void> {
    await this.manager.delete(OffloadingTable, { contractID, namespace });
  }

  async ending(now: number, until: number): Promise<readonly EndingOffload[]> {
    type Row = { id: string; until: string; provider: string; namespaces: string[] };
    const rows = await this.sql.query<Row>(ENDING, [now, until]);
    return rows.map((row) => ({
      contractID: row.id,
      validUntil: Number(row.until),
      providerName: row.provider,
      namespaces: row.namespaces,
    }));
  }

  async warn(contractID: string, days: number): Promise<boolean> {
    const rows = await this.sql.query(
      "INSERT INTO offloading_warnings VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING days",
      [contractID, days],
    );
    return rows.length > 0;
  }
}
