import type { QueryResultRow } from "pg";

/** What a repository needs to run SQL: the pool or one transaction. The caller says what the rows look like. */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A database with transactions. */
export interface TransactionalDatabase extends Queryable {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

/** What {@link asTransactional} wraps: the pool and the transactions of a database. */
interface SqlSource {
  query<Row extends QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}
interface TransactionalSource extends SqlSource {
  transaction<T>(work: (tx: SqlSource) => Promise<T>): Promise<T>;
}

/** A database as the repositories see it. */
export function asTransactional(database: TransactionalSource): TransactionalDatabase {
  return { ...asQueryable(database), transaction: (work) => database.transaction((tx) => work(asQueryable(tx))) };
}

function asQueryable(source: SqlSource): Queryable {
  return {
    query: async <Row>(sql: string, parameters?: readonly unknown[]) => (await source.query(sql, parameters)) as Row[],
  };
}

/** PostgreSQL's bigint as a number. Throws RangeError beyond 2^53, which no value stored here reaches. */
export function toNumber(bigint: string): number {
  const value = Number(bigint);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${bigint} is not exact as a number`);
  return value;
}

/** Like {@link toNumber}, null for null. */
export function toNumberOrNull(bigint: string | null): number | null {
  return bigint === null ? null : toNumber(bigint);
}
