/** What a repository needs to run SQL: the pool or one transaction. */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
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
