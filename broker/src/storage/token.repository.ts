import type { JoinToken } from "../domain/join-token.js";
import type { ReadToken } from "../domain/read-token.js";
import type { Page } from "../domain/page.js";
import type { JoinTokens, ReadTokens } from "../services/ports.js";
import { toNumber, toNumberOrNull, type Queryable } from "./queryable.js";

interface JoinTokenRow {
  readonly token_id: string;
  readonly name: string | null;
  readonly secret_hash: string;
  readonly created: string;
  readonly expires_at: string;
  readonly used_by: string | null;
  readonly used_at: string | null;
  readonly revoked_at: string | null;
}

interface ReadTokenRow {
  readonly token_id: string;
  readonly name: string | null;
  readonly secret_hash: string;
  readonly created: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** Join strings in PostgreSQL. */
export class JoinTokenRepository implements JoinTokens {
  constructor(private readonly db: Queryable) {}

  async lock(tokenID: string): Promise<JoinToken | undefined> {
    const rows = await this.db.query<JoinTokenRow>("SELECT * FROM join_tokens WHERE token_id = $1 FOR UPDATE", [
      tokenID,
    ]);
    return rows.map(toJoinToken)[0];
  }

  async insert(token: JoinToken): Promise<void> {
    await this.db.query(
      "INSERT INTO join_tokens (token_id, name, secret_hash, created, expires_at) VALUES ($1, $2, $3, $4, $5)",
      [token.tokenID, token.name, token.secretHash, token.created, token.expiresAt],
    );
  }

  async save(token: JoinToken): Promise<void> {
    await this.db.query("UPDATE join_tokens SET used_by = $2, used_at = $3, revoked_at = $4 WHERE token_id = $1", [
      token.tokenID,
      token.usedBy,
      token.usedAt,
      token.revokedAt,
    ]);
  }

  async list(page: Page): Promise<JoinToken[]> {
    return (await this.db.query<JoinTokenRow>(newestFirst("join_tokens"), [page.after, page.first])).map(toJoinToken);
  }

  async revoke(tokenID: string, now: number): Promise<boolean> {
    return revokeIn(this.db, "join_tokens", tokenID, now);
  }
}

/** Read tokens in PostgreSQL. */
export class ReadTokenRepository implements ReadTokens {
  constructor(private readonly db: Queryable) {}

  async find(tokenID: string): Promise<ReadToken | undefined> {
    const rows = await this.db.query<ReadTokenRow>("SELECT * FROM read_tokens WHERE token_id = $1", [tokenID]);
    return rows.map(toReadToken)[0];
  }

  async insert(token: ReadToken): Promise<void> {
    await this.db.query(
      "INSERT INTO read_tokens (token_id, name, secret_hash, created, expires_at) VALUES ($1, $2, $3, $4, $5)",
      [token.tokenID, token.name, token.secretHash, token.created, token.expiresAt],
    );
  }

  async list(page: Page): Promise<ReadToken[]> {
    return (await this.db.query<ReadTokenRow>(newestFirst("read_tokens"), [page.after, page.first])).map(toReadToken);
  }

  async revoke(tokenID: string, now: number): Promise<boolean> {
    return revokeIn(this.db, "read_tokens", tokenID, now);
  }

  async liveAmong(tokenIDs: readonly string[], now: number): Promise<ReadonlySet<string>> {
    const rows = await this.db.query<{ token_id: string }>(
      `SELECT token_id FROM read_tokens
       WHERE token_id = ANY($1::text[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
      [tokenIDs, now],
    );
    return new Set(rows.map((row) => row.token_id));
  }
}

type TokenTable = "join_tokens" | "read_tokens";

function newestFirst(table: TokenTable): string {
  return `SELECT * FROM ${table}
    WHERE $1::text IS NULL OR (created, token_id) < (SELECT t.created, t.token_id FROM ${table} t WHERE t.token_id = $1)
    ORDER BY created DESC, token_id DESC LIMIT $2`;
}

async function revokeIn(db: Queryable, table: TokenTable, tokenID: string, now: number): Promise<boolean> {
  const rows = await db.query<{ token_id: string }>(
    `UPDATE ${table} SET revoked_at = coalesce(revoked_at, $2) WHERE token_id = $1 RETURNING token_id`,
    [tokenID, now],
  );
  return rows.length > 0;
}

function toJoinToken(row: JoinTokenRow): JoinToken {
  return {
    tokenID: row.token_id,
    name: row.name,
    secretHash: row.secret_hash,
    created: toNumber(row.created),
    expiresAt: toNumber(row.expires_at),
    usedBy: row.used_by,
    usedAt: toNumberOrNull(row.used_at),
    revokedAt: toNumberOrNull(row.revoked_at),
  };
}

function toReadToken(row: ReadTokenRow): ReadToken {
  return {
    tokenID: row.token_id,
    name: row.name,
    secretHash: row.secret_hash,
    created: toNumber(row.created),
    expiresAt: toNumberOrNull(row.expires_at),
    revokedAt: toNumberOrNull(row.revoked_at),
  };
}
