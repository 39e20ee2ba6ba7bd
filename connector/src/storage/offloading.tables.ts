import { EntitySchema } from "typeorm";
import type { Offloading } from "../domain/offloading.js";
import { exactInteger } from "./ledger.tables.js";

const bigint = { type: "bigint", transformer: exactInteger } as const;

export const OffloadingTable = new EntitySchema<Offloading>({
  name: "offloading",
  tableName: "offloadings",
  columns: {
    contractID: { name: "contract_id", type: "text", primary: true },
    namespace: { type: "text", primary: true },
    strategy: { type: "text" },
    mapping: { type: "text" },
    remoteNamespace: { name: "remote_namespace", type: "text", nullable: true },
    isWanted: { name: "is_wanted", type: "boolean" },
    phase: { type: "text" },
    message: { type: "text" },
    whatToDo: { name: "what_to_do", type: "text", nullable: true },
    lastError: { name: "last_error", type: "text", nullable: true },
    created: { ...bigint },
    changed: { ...bigint },
  },
});

/** Every table of offloaded namespaces that is read as objects. */
export const OFFLOADING_TABLES = [OffloadingTable];
