import type { Contract } from "../domain/contract.js";

type Field = Exclude<keyof Contract, "documents"> | keyof Contract["documents"];
type Kind = "text" | "jsonb" | "bigint" | "boolean";

const DOCUMENT_FIELDS = ["terms", "termsHash", "contract", "receipt", "activation", "peering", "notice"] as const;

/** Every column of the table: which field it holds and how. Checked to be complete by the type. */
const COLUMNS: Readonly<Record<Field, readonly [column: string, kind: Kind]>> = {
  contractID: ["contract_id", "text"],
  role: ["role", "text"],
  state: ["state", "text"],
  counterparty: ["counterparty", "text"],
  counterpartyKey: ["counterparty_key", "jsonb"],
  requestID: ["request_id", "text"],
  request: ["request", "jsonb"],
  requestHash: ["request_hash", "text"],
  buyer: ["buyer", "jsonb"],
  seller: ["seller", "jsonb"],
  offer: ["offer", "jsonb"],
  offerRev: ["offer_rev", "bigint"],
  offerDigest: ["offer_digest", "text"],
  version: ["version", "bigint"],
  incarnation: ["incarnation", "text"],
  terms: ["terms", "text"],
  termsHash: ["terms_hash", "text"],
  contract: ["contract", "text"],
  receipt: ["receipt", "text"],
  activation: ["activation", "text"],
  peering: ["peering", "text"],
  notice: ["notice", "text"],
  code: ["code", "text"],
  message: ["message", "text"],
  created: ["created", "bigint"],
  changed: ["changed", "bigint"],
  validFrom: ["valid_from", "bigint"],
  approveBy: ["approve_by", "bigint"],
  reservedUntil: ["reserved_until", "bigint"],
  ackBy: ["ack_by", "bigint"],
  activatedAt: ["activated_at", "bigint"],
  validUntil: ["valid_until", "bigint"],
  endedAt: ["ended_at", "bigint"],
  releasedAt: ["released_at", "bigint"],
  isHolding: ["is_holding", "boolean"],
  isToldOfEnd: ["is_told_of_end", "boolean"],
  isBreach: ["is_breach", "boolean"],
  isRestored: ["is_restored", "boolean"],
  isReleasedByForce: ["is_released_by_force", "boolean"],
  isOverdue: ["is_overdue", "boolean"],
};

const ENTRIES = Object.entries(COLUMNS) as readonly [Field, readonly [string, Kind]][];
const NAMES = ENTRIES.map(([, [column]]) => column);

/** `select` list of every column. */
export const CONTRACT_COLUMNS = NAMES.join(", ");

/** Inserts a whole contract; parameters from {@link contractValues}. */
export const INSERT_CONTRACT = `INSERT INTO contracts (${CONTRACT_COLUMNS}) VALUES (${NAMES.map((_, i) => `$${i + 1}`).join(", ")})`;

/** Writes every column of a contract; parameters from {@link contractValues}. */
export const UPDATE_CONTRACT = `UPDATE contracts SET ${NAMES.map((name, i) => `${name} = $${i + 1}`).join(", ")} WHERE contract_id = $1`;

/** The values of a contract in the order of the columns; $1 is its id. */
export function contractValues(contract: Contract): unknown[] {
  const flat: Readonly<Record<string, unknown>> = { ...contract, ...contract.documents };
  return ENTRIES.map(([field, [, kind]]) => {
    const value = flat[field];
    return kind === "jsonb" && value !== null ? JSON.stringify(value) : value;
  });
}

/** The contract in a row that was selected with {@link CONTRACT_COLUMNS}. */
export function contractFrom(row: Readonly<Record<string, unknown>>): Contract {
  const fields: Record<string, unknown> = {};
  const documents: Record<string, unknown> = {};
  for (const [field, [column, kind]] of ENTRIES) {
    const value = row[column];
    const target = (DOCUMENT_FIELDS as readonly string[]).includes(field) ? documents : fields;
    target[field] = kind === "bigint" && value !== null ? Number(value) : value;
  }
  return { ...fields, documents } as unknown as Contract;
}
