import { CatalogError } from "@catalog/schema/errors";

/**
 * SQLSTATE of failures of the connection or of the server as a whole, not of the statement: class 08, shutdowns (57P0x), no room
 * for connections (53xxx), a standby that cannot write (25006), a statement or a lock that was not granted in time.
 * Source: PostgreSQL, appendix A.
 */
const UNAVAILABLE_STATES = /^(08...|57P0.|57014|53...|25006|55P03|25P03|58...)$/;

/** Error codes of the operating system for a server that cannot be reached. */
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL)$/;

/** The driver reports these without a code. */
const DRIVER_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|connection error and is not queryable|Client was closed|Cannot use a pool after calling end|Driver not Connected/;

/** Conflicts between transactions that a repetition solves: serialization failure and deadlock. */
const RETRYABLE_STATES: ReadonlySet<string> = new Set(["40001", "40P01"]);

/** The error of the driver, taken out of what TypeORM wraps around it. */
function driverError(error: unknown): { code?: unknown; message?: unknown } {
  if (typeof error !== "object" || error === null) return {};
  return "driverError" in error && typeof error.driverError === "object" && error.driverError !== null
    ? error.driverError
    : error;
}

/** Whether the error says that the database cannot be used now, rather than that a statement is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = driverError(error);
  if (typeof code === "string") return UNAVAILABLE_STATES.test(code) || UNREACHABLE.test(code);
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  return typeof message === "string" && DRIVER_MESSAGES.test(message);
}

/** Whether the connection that the error came from must not be used again. */
export function isConnectionBroken(error: unknown): boolean {
  const { code } = driverError(error);
  return isDatabaseAway(error) && code !== "57014" && code !== "55P03" && code !== "25006";
}

/** Whether the same transaction may succeed when it is tried again at once. */
export function isTransactionConflict(error: unknown): boolean {
  const { code } = driverError(error);
  return typeof code === "string" && RETRYABLE_STATES.has(code);
}

/**
 * What callers get for a database that is away: UNAVAILABLE. Whether a transaction that was committing took effect is
 * then unknown. Any other error is returned as it is.
 */
export function toCallerError(error: unknown): unknown {
  return isDatabaseAway(error) || isTransactionConflict(error) ? databaseUnavailable(error) : error;
}

export function databaseUnavailable(cause?: unknown): CatalogError {
  const error = new CatalogError("UNAVAILABLE", "The database cannot be used at the moment. Try again later.");
  return Object.assign(error, { cause });
}
