import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { CatalogError, ERROR_CODES, type ErrorCode } from "@catalog/schema/errors";

/** What an error becomes for the caller: its code, whether repeating can help, and the request id to quote. */
export interface PublicError extends GraphQLFormattedError {
  readonly extensions: {
    readonly code: ErrorCode;
    /** True if repeating the same request cannot succeed. */
    readonly definitive: boolean;
    readonly requestId: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/** Codes of Apollo Server that say in other words what our list already says. */
const APOLLO_CODES: Readonly<Record<string, ErrorCode>> = {
  BAD_REQUEST: "BAD_USER_INPUT",
  OPERATION_RESOLUTION_FAILURE: "BAD_USER_INPUT",
  PERSISTED_QUERY_NOT_FOUND: "BAD_USER_INPUT",
  PERSISTED_QUERY_NOT_SUPPORTED: "BAD_USER_INPUT",
};

/** SQLSTATE classes and socket errors that mean the database is away or going away. */
const DATABASE_AWAY = /^(08...|57P0[1-3]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;

/** SQLSTATE of a text with U+0000, which PostgreSQL cannot hold. Nothing of ours makes one, so it came with the request. */
const TEXT_REFUSED = /^(22021|22P05)$/;

/**
 * Turns any error into what a caller may see, alike on HTTP and WebSocket. A `CatalogError` keeps code, message and
 * details; a lost database becomes UNAVAILABLE; mistakes of the request keep graphql's message; everything else is
 * masked as INTERNAL_SERVER_ERROR and logged with the request id.
 */
export function toPublicError(error: unknown, requestId: string, log: Logger): PublicError {
  const known = recognise(error);
  if (known === undefined) {
    log.error({ requestId, err: error }, "request failed");
    return publicError(
      error,
      "INTERNAL_SERVER_ERROR",
      `Something failed on this side. Request id: ${requestId}`,
      requestId,
    );
  }
  if (known.code === "UNAVAILABLE") log.warn({ requestId, err: error }, "request answered UNAVAILABLE");
  return publicError(error, known.code, known.message, requestId, known.details);
}

/** The HTTP status that the error table gives a code; 500 for a code that is not in it. */
export function httpStatusOf(code: string): number {
  return isErrorCode(code) ? ERROR_CODES[code].httpStatus : 500;
}

/** A body in GraphQL's shape for a refusal that never reached execution. */
export function refusalBody(error: PublicError): string {
  return JSON.stringify({ errors: [error] });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_CODES, code);
}

interface Recognised {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

function recognise(error: unknown): Recognised | undefined {
  const root = rootOf(error);
  if (root instanceof CatalogError) {
    // A value refused while reading variables: graphql's text says where in the input it stood.
    const message = error instanceof GraphQLError && error.path === undefined ? error.message : root.message;
    return { code: root.code, message, details: root.details };
  }
  if (isDatabaseAway(root))
    return { code: "UNAVAILABLE", message: "The database cannot be reached; try again shortly." };
  if (hasCode(root, TEXT_REFUSED))
    return { code: "BAD_USER_INPUT", message: "A text of the request holds the character U+0000, which no text may." };
  return root instanceof GraphQLError ? recogniseGraphQL(root, error) : undefined;
}

function recogniseGraphQL(root: GraphQLError, error: unknown): Recognised | undefined {
  const message = error instanceof GraphQLError ? error.message : root.message;
  for (const code of [root.extensions["code"], error instanceof GraphQLError ? error.extensions["code"] : undefined]) {
    if (code === "INTERNAL_SERVER_ERROR") return undefined;
    if (isErrorCode(code)) return { code, message };
    const translated = typeof code === "string" ? APOLLO_CODES[code] : undefined;
    if (translated !== undefined) return { code: translated, message };
  }
  const isMistakeOfRequest =
    !(error instanceof GraphQLError) || error.path === undefined || message.startsWith('Argument "');
  return isMistakeOfRequest ? { code: "BAD_USER_INPUT", message } : undefined;
}

/** The innermost error: graphql wraps what resolvers throw, Apollo wraps that again. */
function rootOf(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 8 && root instanceof GraphQLError; depth += 1) {
    if (root.originalError === undefined) return root;
    root = root.originalError;
  }
  return root;
}

function isDatabaseAway(error: unknown): boolean {
  if (hasCode(error, DATABASE_AWAY)) return true;
  return error instanceof Error && error.message.startsWith("Connection terminated");
}

function hasCode(error: unknown, pattern: RegExp): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" && pattern.test(code);
}

function publicError(
  error: unknown,
  code: ErrorCode,
  message: string,
  requestId: string,
  details?: Readonly<Record<string, unknown>>,
): PublicError {
  const place = error instanceof GraphQLError ? error : undefined;
  return {
    message,
    ...(place?.locations === undefined ? {} : { locations: place.locations }),
    ...(place?.path === undefined ? {} : { path: place.path }),
    extensions: {
      code,
      definitive: ERROR_CODES[code].definitive,
      requestId,
      ...(details === undefined ? {} : { details }),
    },
  };
}
