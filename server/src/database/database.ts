import type pg from "pg";
import type { DataSource, QueryRunner } from "typeorm";
import type { Logger } from "pino";
import { Backoff, delay } from "../backoff.js";
import { AvailabilityMonitor } from "./availability-monitor.js";
import {
  databaseUnavailable,
  isConnectionBroken,
  isDatabaseAway,
  isTransactionConflict,
  toCallerError,
} from "./database-errors.js";
import { migrate } from "./migrate.js";
import { Transaction } from "./transaction.js";
import { listenUntilAborted } from "./wake-listener.js";

export type IsolationLevel = "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE";

const TRANSACTION_ATTEMPTS = 6;
const CLOSE_LIMIT_MS = 3_000;

export interface DatabaseSettings {
  readonly url: string;
  readonly clockOffsetMs: number;
  /** Called at the end of close(): stops a server that belongs to this database. */
  readonly onClose: () => Promise<void>;
}

/**
 * PostgreSQL as services see it. While it is away everything here throws UNAVAILABLE at once, and works again by itself
 * when it is back; the process is never ended by it.
 */
export class Database {
  private isReady = false;
  private isClosed = false;
  private readonly monitor: AvailabilityMonitor;
  private readonly closing = new AbortController();
  private readonly busy = new Set<pg.PoolClient>();
  private readiness: Promise<void> = Promise.resolve();

  /** Use {@link openDatabase}. */
  constructor(
    readonly dataSource: DataSource,
    private readonly settings: DatabaseSettings,
    private readonly log: Logger,
  ) {
    this.monitor = new AvailabilityMonitor(settings.url, {
      onAway: (cause) => this.onAway(cause),
      onBack: () => log.info("the database is back"),
    });
  }

  /** The pool behind it all, for SQL on hot paths; its errors are the driver's own. Throws UNAVAILABLE before the first connection. */
  get pool(): pg.Pool {
    if (!this.isReady) throw databaseUnavailable();
    return (this.dataSource.driver as unknown as { master: pg.Pool }).master;
  }

  /** Whether the database is connected, migrated and answers. */
  available(): boolean {
    return this.isReady && !this.isClosed && this.monitor.isAvailable();
  }

  /** Resolves once the database is connected and migrated; rejects if it never will be (a migration that fails). */
  ready(): Promise<void> {
    return this.readiness;
  }

  /**
   * Runs `work` in one transaction (READ COMMITTED unless said otherwise) and commits if it resolves. Work that loses
   * against a concurrent transaction (serialization failure, deadlock) is run again, so it must have no other effects:
   * those belong in {@link Transaction.afterCommit}.
   * @throws UNAVAILABLE when the database is away; whether a commit under way took effect is then unknown.
   */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    isolation: IsolationLevel = "READ COMMITTED",
  ): Promise<T> {
    const backoff = new Backoff(20, 500);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.runTransaction(work, isolation);
      } catch (error) {
        if (isTransactionConflict(error) && attempt < TRANSACTION_ATTEMPTS) await delay(backoff.next());
        else throw this.failure(error);
      }
    }
  }

  /** Runs one parameterised statement outside of any transaction and returns its rows. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.withConnection(async (client) => (await client.query<Row>(sql, [...params])).rows);
  }

  /** Lends a connection of the pool; statements on it share a session but no transaction. */
  async withConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    this.assertAvailable();
    try {
      const client = await this.pool.connect();
      const ignore = () => undefined; // the query in flight reports it
      client.on("error", ignore);
      let failure: unknown;
      try {
        return await work(client);
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        client.removeListener("error", ignore);
        client.release(isConnectionBroken(failure));
      }
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** LISTENs on a channel until the signal is aborted or the database is closed; wakes after every reconnect too. */
  listen(channel: string, onWake: (payload: string) => void, signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.closing.signal]);
    return listenUntilAborted(this.settings.url, channel, onWake, until, this.log);
  }

  /** Ends every connection. Repeatable. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.closing.abort();
    await this.readiness.catch(() => undefined); // already reported where it was awaited
    if (this.isReady) {
      await this.monitor.stop();
      await Promise.race([this.dataSource.destroy(), delay(CLOSE_LIMIT_MS)]); // a silent server would keep us here
    }
    await this.settings.onClose();
  }

  /** Connects and migrates; to be called once, by openDatabase. Resolves after the first attempt, whatever became of it. */
  async connect(): Promise<void> {
    const isConnected = await this.tryConnect();
    if (isConnected) return;
    this.readiness = this.connectInBackground();
    this.readiness.catch((error: Error) => this.log.fatal({ err: error }, "the database cannot be used"));
  }

  private async connectInBackground(): Promise<void> {
    const backoff = new Backoff(200, 5_000);
    do {
      await delay(backoff.next(), this.closing.signal);
    } while (!this.isClosed && !(await this.tryConnect()));
    if (!this.isReady) throw databaseUnavailable();
  }

  /** False when the database is away. */
  private async tryConnect(): Promise<boolean> {
    try {
      await this.dataSource.initialize();
      await migrate(this.dataSource, this.log);
    } catch (error) {
      if (this.dataSource.isInitialized) await this.dataSource.destroy();
      if (!isDatabaseAway(error)) throw error;
      this.log.warn({ err: error }, "the database is away; waiting for it");
      return false;
    }
    this.isReady = true;
    this.pool.on("acquire", (client) => this.busy.add(client));
    this.pool.on("release", (_error, client) => this.busy.delete(client));
    this.pool.on("remove", (client) => this.busy.delete(client));
    this.monitor.start();
    this.log.info("the database is ready");
    return true;
  }

  private async runTransaction<T>(work: (tx: Transaction) => Promise<T>, isolation: IsolationLevel): Promise<T> {
    this.assertAvailable();
    const runner = this.dataSource.createQueryRunner();
    let tx: Transaction;
    let result: T;
    try {
      const client = (await runner.connect()) as pg.PoolClient;
      await runner.startTransaction(isolation === "READ COMMITTED" ? undefined : isolation);
      tx = new Transaction(client, runner, this.settings.clockOffsetMs);
      result = await work(tx);
      await tx.assertCommittable();
      await runner.commitTransaction();
    } catch (error) {
      await abandon(runner, error);
      throw error;
    }
    await runner.release();
    for (const hook of tx.committedHooks()) await this.runHook(hook);
    return result;
  }

  private async runHook(hook: () => void | Promise<void>): Promise<void> {
    try {
      await hook();
    } catch (error) {
      this.log.error({ err: error }, "work after a commit failed");
    }
  }

  private assertAvailable(): void {
    if (!this.available()) throw databaseUnavailable();
  }

  private failure(error: unknown): unknown {
    if (isConnectionBroken(error)) this.monitor.check();
    return toCallerError(error);
  }

  // Nobody should wait for an answer that a silent server will not give: ending the connection rejects what runs on it.
  private onAway(cause: unknown): void {
    this.log.error({ err: cause }, "the database is away; requests are answered UNAVAILABLE until it is back");
    for (const client of this.busy) hangUp(client);
  }
}

/** Ends a borrowed connection under its borrower: what runs on it rejects, and the pool drops it when it is given back. */
function hangUp(client: pg.PoolClient): void {
  void (client as pg.PoolClient & Pick<pg.Client, "end">).end().catch(() => undefined);
}

/** Gives up a transaction: a healthy connection is rolled back and kept, a broken one closed. */
async function abandon(runner: QueryRunner, error: unknown): Promise<void> {
  if (runner.isReleased) return;
  const isBroken =
    isConnectionBroken(error) ||
    (runner.isTransactionActive &&
      (await runner.rollbackTransaction().then(
        () => false,
        () => true,
      )));
  if (isBroken) {
    const client = (await runner.connect().catch(() => undefined)) as pg.PoolClient | undefined;
    if (client !== undefined) hangUp(client);
  }
  await runner.release();
}
