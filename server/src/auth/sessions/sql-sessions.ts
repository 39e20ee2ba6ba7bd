import type { SqlRunner } from "../seen-proofs.js";
import type { Session, SessionStore } from "./session.js";

/** Statements for the migration of every part that has a console. */
export const SESSIONS_UP: readonly string[] = [
  `CREATE TABLE sessions (
     id_hash text PRIMARY KEY,
     secret_hash text NOT NULL,
     token_hash text NOT NULL,
     created bigint NOT NULL,
     expires_at bigint NOT NULL
   )`,
  `CREATE INDEX sessions_expires_at ON sessions (expires_at)`,
];
export const SESSIONS_DOWN: readonly string[] = [`DROP TABLE sessions`];

interface SessionRow {
  readonly id_hash: string;
  readonly secret_hash: string;
  readonly token_hash: string;
  readonly created: string;
  readonly expires_at: string;
}

/** Sessions in the table `sessions`. */
export class SqlSessions implements SessionStore {
  constructor(private readonly database: SqlRunner) {}

  async insert({ idHash, secretHash, tokenHash, created, expiresAt }: Session): Promise<void> {
    await this.database.query(
      `INSERT INTO sessions (id_hash, secret_hash, token_hash, created, expires_at) VALUES ($1, $2, $3, $4, $5)`,
      [idHash, secretHash, tokenHash, created, expiresAt],
    );
  }

  async find(idHash: string): Promise<Session | undefined> {
    const rows = (await this.database.query(`SELECT * FROM sessions WHERE id_hash = $1`, [idHash])) as SessionRow[];
    return rows.map(toSession)[0];
  }

  async liveAmong(idHashes: readonly string[], now: number): Promise<ReadonlySet<string>> {
    const rows = (await this.database.query(
      `SELECT id_hash FROM sessions WHERE id_hash = ANY($1::text[]) AND expires_at > $2`,
      [idHashes, now],
    )) as Pick<SessionRow, "id_hash">[];
    return new Set(rows.map((row) => row.id_hash));
  }

  async delete(idHash: string): Promise<void> {
    await this.database.query(`DELETE FROM sessions WHERE id_hash = $1`, [idHash]);
  }

  /** Forgets those that have expired at `now` (Unix s). */
  async purge(now: number): Promise<void> {
    await this.database.query(`DELETE FROM sessions WHERE expires_at <= $1`, [now]);
  }
}

function toSession(row: SessionRow): Session {
  return {
    idHash: row.id_hash,
    secretHash: row.secret_hash,
    tokenHash: row.token_hash,
    created: Number(row.created),
    expiresAt: Number(row.expires_at),
  };
}
