import { EntitySchema, type ValueTransformer } from "typeorm";
import type { TimelineEntry } from "../domain/contract.js";
import type { OwnOffer } from "../domain/own-offer.js";
import type { ActivityEntry, Allowance } from "../services/contracts/ledger-ports.js";

/** PostgreSQL gives a bigint as text; ours are below 2^53. */
export const exactInteger: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

const bigint = { type: "bigint", transformer: exactInteger } as const;

/** A row of own_offers; `offerID` repeats the offer's own, because it is the key. */
export type OwnOfferRow = OwnOffer & { readonly offerID: string };

export const OwnOfferTable = new EntitySchema<OwnOfferRow>({
  name: "ownOffer",
  tableName: "own_offers",
  columns: {
    offerID: { name: "offer_id", type: "text", primary: true },
    offer: { type: "jsonb" },
    rev: { ...bigint },
    termsRev: { ...bigint, name: "terms_rev" },
    jws: { type: "text" },
    digest: { type: "text" },
    isWithdrawn: { name: "is_withdrawn", type: "boolean" },
    signedAt: { ...bigint, name: "signed_at" },
    isDeclared: { name: "is_declared", type: "boolean" },
  },
});

/** A row of contract_timeline; `id` gives the order. */
export type TimelineRow = TimelineEntry & { readonly id: string };

export const TimelineTable = new EntitySchema<TimelineRow>({
  name: "timelineEntry",
  tableName: "contract_timeline",
  columns: {
    id: { type: "bigint", primary: true, generated: "increment" },
    contractID: { name: "contract_id", type: "text" },
    state: { type: "text" },
    at: { ...bigint },
    actor: { type: "text" },
    code: { type: "text", nullable: true },
    message: { type: "text", nullable: true },
  },
});

export const AllowanceTable = new EntitySchema<Allowance>({
  name: "allowance",
  tableName: "allowances",
  columns: {
    clusterID: { name: "cluster_id", type: "text", primary: true },
    isUnlimited: { name: "is_unlimited", type: "boolean" },
    resources: { type: "jsonb" },
    namesEver: { name: "names_ever", type: "jsonb" },
    isDecided: { name: "is_decided", type: "boolean" },
  },
});

export const ActivityTable = new EntitySchema<ActivityEntry>({
  name: "activityEntry",
  tableName: "activity",
  columns: {
    id: { type: "bigint", primary: true, generated: "increment" },
    at: { ...bigint },
    actor: { type: "text" },
    action: { type: "text" },
    subject: { type: "text" },
    message: { type: "text" },
  },
});

/** Every table here that TypeORM maps; the rest is read and written with SQL. */
export const LEDGER_TABLES = [OwnOfferTable, TimelineTable, AllowanceTable, ActivityTable];
