import type { ContractRole } from "@catalog/schema/contract";
import type { EntityManager } from "typeorm";
import type { Contract } from "../domain/contract.js";
import type { Peering, PeeringEvent, PeeringRepository } from "../services/peerings/peering-store.js";
import { CONTRACT_COLUMNS, contractFrom } from "./contract-row.js";
import { PeeringEventTable, PeeringTable } from "./peering.tables.js";
import type { Sql } from "./sql.js";

/** Contracts that a peering is about: in force, or ended without their resources being back. */
const CONCERNS_PEERING = "(state = 'ACTIVE' OR ((is_holding OR is_overdue) AND ended_at IS NOT NULL))";

const SAVE = `INSERT INTO peerings (peering_id, side, is_wanted, has_network, last_error, last_error_object, created, changed, phase_since,
    progressed, peer, state, report, other_side)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12::jsonb, 'null'), nullif($13::jsonb, 'null'), nullif($14::jsonb, 'null'))
  ON CONFLICT (peering_id) DO UPDATE SET is_wanted = $3, has_network = $4, last_error = $5, last_error_object = $6, changed = $8,
    phase_since = $9, progressed = $10, peer = $11, state = excluded.state, report = excluded.report, other_side = excluded.other_side`;

/** The newest events of each peering that are kept. */
const EVENTS_KEPT = 500;
const FORGET_OLD = `DELETE FROM peering_events WHERE peering_id = $1 AND id <=
  (SELECT id FROM peering_events WHERE peering_id = $1 ORDER BY id DESC OFFSET ${EVENTS_KEPT} LIMIT 1)`;

/** Peerings and their history. */
export class SqlPeeringRepository implements PeeringRepository {
  constructor(
    private readonly sql: Sql,
    private readonly manager: EntityManager,
  ) {}

  async find(peeringID: string): Promise<Peering | undefined> {
    const lock = { mode: "pessimistic_write" } as const;
    return (await this.manager.findOne(PeeringTable, { where: { peeringID }, lock })) ?? undefined;
  }

  list(): Promise<readonly Peering[]> {
    return this.manager.find(PeeringTable, { order: { created: "DESC", peeringID: "ASC" } });
  }

  async idsWith(clusterID: string): Promise<readonly string[]> {
    const rows = await this.sql.query("SELECT peering_id FROM peerings WHERE peer->>'clusterID' = $1", [clusterID]);
    return rows.map((row) => String(row["peering_id"]));
  }

  async save(peering: Peering): Promise<void> {
    const { peeringID, side, isWanted, hasNetwork, lastError, lastErrorObject } = peering;
    const { created, changed, phaseSince, progressed, peer, state, report, otherSide } = peering;
    const json = [peer, state ?? null, report, otherSide].map((value) => JSON.stringify(value));
    const times = [created, changed, phaseSince, progressed];
    await this.sql.query(SAVE, [peeringID, side, isWanted, hasNetwork, lastError, lastErrorObject, ...times, ...json]);
  }

  async addEvent(event: PeeringEvent): Promise<void> {
    await this.manager.insert(PeeringEventTable, event);
    await this.sql.query(FORGET_OLD, [event.peeringID]);
  }

  events(peeringID: string): Promise<readonly PeeringEvent[]> {
    return this.manager.find(PeeringEventTable, { where: { peeringID }, order: { id: "ASC" } });
  }

  async contractsWith(role: ContractRole, counterparty: string): Promise<readonly Contract[]> {
    const rows = await this.sql.query(
      `SELECT ${CONTRACT_COLUMNS} FROM contracts WHERE role = $1 AND counterparty = $2 AND ${CONCERNS_PEERING} ORDER BY contract_id`,
      [role, counterparty],
    );
    return rows.map(contractFrom);
  }

  async contracts(): Promise<readonly Contract[]> {
    const rows = await this.sql.query(
      `SELECT ${CONTRACT_COLUMNS} FROM contracts WHERE ${CONCERNS_PEERING} ORDER BY contract_id`,
    );
    return rows.map(contractFrom);
  }

  async representatives(): Promise<readonly Contract[]> {
    const rows = await this.sql.query(
      `SELECT DISTINCT ON (role, counterparty) ${CONTRACT_COLUMNS} FROM contracts WHERE ${CONCERNS_PEERING} ORDER BY role, counterparty, contract_id DESC`,
    );
    return rows.map(contractFrom);
  }
}
