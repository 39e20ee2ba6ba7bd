import { EntitySchema } from "typeorm";
import type { Peering, PeeringEvent } from "../services/peerings/peering-store.js";
import { exactInteger } from "./ledger.tables.js";

const bigint = { type: "bigint", transformer: exactInteger } as const;

export const PeeringTable = new EntitySchema<Peering>({
  name: "peering",
  tableName: "peerings",
  columns: {
    peeringID: { name: "peering_id", type: "text", primary: true },
    side: { type: "text" },
    peer: { type: "jsonb" },
    isWanted: { name: "is_wanted", type: "boolean" },
    hasNetwork: { name: "has_network", type: "boolean" },
    state: { type: "jsonb", nullable: true },
    report: { type: "jsonb", nullable: true },
    lastError: { name: "last_error", type: "text", nullable: true },
    lastErrorObject: { name: "last_error_object", type: "text", nullable: true },
    otherSide: { name: "other_side", type: "jsonb", nullable: true },
    phaseSince: { ...bigint, name: "phase_since" },
    progressed: { ...bigint },
    created: { ...bigint },
    changed: { ...bigint },
  },
});

/** A row of peering_events; `id` gives the order. */
export type PeeringEventRow = PeeringEvent & { readonly id: string };

export const PeeringEventTable = new EntitySchema<PeeringEventRow>({
  name: "peeringEvent",
  tableName: "peering_events",
  columns: {
    id: { type: "bigint", primary: true, generated: "increment" },
    peeringID: { name: "peering_id", type: "text" },
    at: { ...bigint },
    actor: { type: "text" },
    phase: { type: "text" },
    message: { type: "text" },
  },
});

/** Every table of peerings. */
export const PEERING_TABLES = [PeeringTable, PeeringEventTable];
