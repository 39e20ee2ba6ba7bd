import type { AccessUnit } from "../services/access/access-ports.js";
import type { UnitBase } from "../services/contracts/ledger-ports.js";
import { ScriptTokenRepository } from "./script-token.repository.js";
import type { Sql } from "./sql.js";

/** The repositories of access, bound to one transaction. */
export function accessUnit(tx: Sql, base: UnitBase): AccessUnit {
  return { ...base, scriptTokens: new ScriptTokenRepository(tx) };
}
