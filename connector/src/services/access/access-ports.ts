import type { Page } from "../../domain/page.js";
import type { ScriptToken } from "../../domain/script-token.js";
import type { UnitBase } from "../contracts/ledger-ports.js";

/** Tokens of scripts, hashed. */
export interface ScriptTokens {
  /** Newest first. */
  list(page: Page): Promise<readonly ScriptToken[]>;
  find(tokenID: string): Promise<ScriptToken | undefined>;
  byHash(tokenHash: string): Promise<ScriptToken | undefined>;
  insert(token: ScriptToken): Promise<void>;
  revoke(tokenID: string, now: number): Promise<void>;
  /** Notes a use at `now` (Unix s). */
  used(tokenID: string, now: number): Promise<void>;
}

/** The tables of access, bound to one transaction. */
export interface AccessUnit extends UnitBase {
  readonly scriptTokens: ScriptTokens;
}
