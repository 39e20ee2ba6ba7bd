import type { Outbox, OutboxItem, OutboxKind } from "../services/contracts/ledger-ports.js";
import type { Sql } from "./sql.js";

interface OutboxRow {
  readonly kind: OutboxKind;
  readonly subject: string;
  readonly peer: string;
  readonly attempts: number;
  readonly round: string;
}

/** Work that waits, one row for each thing to do. */
export class SqlOutbox implements Outbox {
  constructor(
    private readonly sql: Sql,
    private readonly now: Date,
    private readonly wake: () => void,
  ) {}

  async add(item: { kind: OutboxKind; subject?: string; peer?: string; notBefore?: number }): Promise<void> {
    const dueAt = Math.max(this.now.getTime(), item.notBefore ?? 0);
    await this.sql.query(
      `INSERT INTO outbox (kind, subject, peer, due_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (kind, subject) DO UPDATE
         SET round = outbox.round + 1, attempts = 0, peer = excluded.peer,
             due_at = CASE WHEN outbox.attempts > 0 THEN excluded.due_at ELSE least(outbox.due_at, excluded.due_at) END`,
      [item.kind, item.subject ?? "", item.peer ?? "", dueAt],
    );
    this.wake();
  }

  async due(first: number): Promise<{ items: readonly OutboxItem[]; nextAt: number | null }> {
    const rows = await this.sql.query<OutboxRow>(
      "SELECT kind, subject, peer, attempts, round FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
      [this.now.getTime(), first],
    );
    const next = await this.sql.query<{ at: string | null }>("SELECT min(due_at) AS at FROM outbox WHERE due_at > $1", [
      this.now.getTime(),
    ]);
    const at = next[0]?.at ?? null;
    return {
      items: rows.map((row) => ({ ...row, round: Number(row.round) })),
      nextAt: at === null ? null : Number(at),
    };
  }

  async done(item: OutboxItem): Promise<void> {
    await this.sql.query("DELETE FROM outbox WHERE kind = $1 AND subject = $2 AND round = $3", [
      item.kind,
      item.subject,
      item.round,
    ]);
  }

  async postpone(item: OutboxItem, until: number, attempts: number): Promise<void> {
    await this.sql.query(
      "UPDATE outbox SET due_at = $4, attempts = $5 WHERE kind = $1 AND subject = $2 AND round = $3",
      [item.kind, item.subject, item.round, until, attempts],
    );
  }

  async hurry(peer: string): Promise<void> {
    const rows = await this.sql.query(
      "UPDATE outbox SET due_at = $2, attempts = 0 WHERE peer = $1 AND attempts > 0 RETURNING kind",
      [peer, this.now.getTime()],
    );
    if (rows.length > 0) this.wake();
  }
}
