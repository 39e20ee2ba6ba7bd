import type { Role } from "../domain/access.js";
import type { Page } from "../domain/page.js";
import type { ScriptToken } from "../domain/script-token.js";
import type { ScriptTokens } from "../services/access/access-ports.js";
import type { Sql } from "./sql.js";

interface ScriptTokenRow {
  token_id: string;
  name: string;
  role: Role;
  token_hash: string;
  created: string;
  created_by: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** The table `script_tokens`. */
export class ScriptTokenRepository implements ScriptTokens {
  constructor(private readonly sql: Sql) {}

  async list({ first, after }: Page): Promise<readonly ScriptToken[]> {
    const rows = await this.sql.query<ScriptTokenRow>(
      `SELECT * FROM script_tokens
       WHERE $1::text IS NULL OR (created, token_id) < (SELECT t.created, t.token_id FROM script_tokens t WHERE t.token_id = $1)
       ORDER BY created DESC, token_id DESC LIMIT $2`,
      [after, first],
    );
    return rows.map(toToken);
  }

  async find(tokenID: string): Promise<ScriptToken | undefined> {
    return (await this.sql.query<ScriptTokenRow>("SELECT * FROM script_tokens WHERE token_id = $1", [tokenID])).map(
      toToken,
    )[0];
  }

  async byHash(tokenHash: string): Promise<ScriptToken | undefined> {
    return (await this.sql.query<ScriptTokenRow>("SELECT * FROM script_tokens WHERE token_hash = $1", [tokenHash])).map(
      toToken,
    )[0];
  }

  async insert(token: ScriptToken): Promise<void> {
    await this.sql.query(
      `INSERT INTO script_tokens (token_id, name, role, token_hash, created, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [token.tokenID, token.name, token.role, token.tokenHash, token.created, token.createdBy, token.expiresAt],
    );
  }

  async revoke(tokenID: string, now: number): Promise<void> {
    await this.sql.query("UPDATE script_tokens SET revoked_at = coalesce(revoked_at, $2) WHERE token_id = $1", [
      tokenID,
      now,
    ]);
  }

  async used(tokenID: string, now: number): Promise<void> {
    await this.sql.query("UPDATE script_tokens SET last_used_at = greatest(last_used_at, $2) WHERE token_id = $1", [
      tokenID,
      now,
    ]);
  }
}

function toToken(row: ScriptTokenRow): ScriptToken {
  return {
    tokenID: row.token_id,
    name: row.name,
    role: row.role,
    tokenHash: row.token_hash,
    created: Number(row.created),
    createdBy: row.created_by,
    expiresAt: numberOrNull(row.expires_at),
    lastUsedAt: numberOrNull(row.last_used_at),
    revokedAt: numberOrNull(row.revoked_at),
  };
}

function numberOrNull(bigint: string | null): number | null {
  return bigint === null ? null : Number(bigint);
}
