import type pg from "pg";
import type { EntityManager, QueryRunner } from "typeorm";

/** Work swallowed the error of a statement, after which PostgreSQL would have answered its COMMIT with a rollback. */
export class TransactionAbortedError extends Error {
  readonly code = "TRANSACTION_ABORTED";
  override readonly name = "TransactionAbortedError";
}

/** One database transaction, as the work inside it sees it. TypeORM and plain SQL share its connection. */
export class Transaction {
  private time: Promise<Date> | undefined;
  private hasFailure = false;
  private readonly hooks: (() => void | Promise<void>)[] = [];

  constructor(
    private readonly client: pg.PoolClient,
    runner: QueryRunner,
    private readonly clockOffsetMs: number,
  ) {
    this.manager = runner.manager;
  }

  /** TypeORM's view of this transaction. */
  readonly manager: EntityManager;

  /** Runs parameterised SQL and returns its rows; `bigint` and `numeric` columns arrive as strings. */
  async query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.run<Row>(sql, params)).rows;
  }

  /** As {@link query}, for statements without rows of interest: how many rows were touched. */
  async execute(sql: string, params: readonly unknown[] = []): Promise<number> {
    return (await this.run(sql, params)).rowCount ?? 0;
  }

  /** The database's clock, plus the configured offset; read at the first call, the same for the whole transaction. */
  now(): Promise<Date> {
    this.time ??= this.readClock();
    return this.time;
  }

  /** Runs `hook` after this transaction has committed, and never if it has not; an error in it is logged only. */
  afterCommit(hook: () => void | Promise<void>): void {
    this.hooks.push(hook);
  }

  /** @throws TransactionAbortedError when a statement failed and the work went on as if it had not. */
  async assertCommittable(): Promise<void> {
    if (!this.hasFailure && this.client.getTransactionStatus() !== "E") return;
    await this.client.query("SELECT 1").catch((cause: unknown) => {
      throw new TransactionAbortedError("A statement of this transaction failed; nothing of it can be committed.", {
        cause,
      });
    });
  }

  /** The hooks in the order of their registration. */
  committedHooks(): readonly (() => void | Promise<void>)[] {
    return this.hooks;
  }

  private async run<Row extends pg.QueryResultRow>(sql: string, params: readonly unknown[]) {
    try {
      return await this.client.query<Row>(sql, [...params]);
    } catch (error) {
      this.hasFailure = true;
      throw error;
    }
  }

  private async readClock(): Promise<Date> {
    const { rows } = await this.client.query<{ at: Date }>("SELECT clock_timestamp() AS at");
    const at = rows[0]?.at ?? new Date(Number.NaN);
    return new Date(at.getTime() + this.clockOffsetMs);
  }
}
