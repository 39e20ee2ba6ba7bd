import type { Clock } from "../clock.js";

/** Whatever runs parameterised SQL: a database, or a transaction of it. */
export interface SqlRunner {
  query(sql: string, params?: unknown[]): Promise<unknown>;
}

/** Remembers which proofs were used, for all processes that share the memory. */
export interface SeenProofs {
  /** Records a use. False if this caller has used this id before. `exp` in Unix seconds. */
  insert(iss: string, jti: string, exp: number): Promise<boolean>;
}

/** Seconds that a used proof is remembered after it expired: more than the clocks of two processes may differ. */
export const SEEN_PROOF_MARGIN = 600;

/** Statements for the migration of every part that checks proofs. */
export const SEEN_PROOFS_UP: readonly string[] = [
  `CREATE TABLE seen_proofs (
     iss text NOT NULL,
     jti text NOT NULL,
     keep_until bigint NOT NULL,
     PRIMARY KEY (iss, jti)
   )`,
  `CREATE INDEX seen_proofs_keep_until ON seen_proofs (keep_until)`,
];
export const SEEN_PROOFS_DOWN: readonly string[] = [`DROP TABLE seen_proofs`];

/** Used proofs in the table `seen_proofs`; the insert is atomic, so that of two processes only one accepts a proof. */
export class SqlSeenProofs implements SeenProofs {
  constructor(private readonly database: SqlRunner) {}

  async insert(iss: string, jti: string, exp: number): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO seen_proofs (iss, jti, keep_until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1 AS inserted`,
      [iss, jti, exp + SEEN_PROOF_MARGIN],
    );
    return Array.isArray(rows) && rows.length === 1;
  }

  /** Forgets the proofs that nobody can use any more. */
  async purge(clock: Clock): Promise<void> {
    await this.database.query(`DELETE FROM seen_proofs WHERE keep_until < $1`, [
      Math.floor(clock.now().getTime() / 1000),
    ]);
  }
}
