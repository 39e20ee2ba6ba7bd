import { ERROR_CODES, isErrorCode } from "@catalog/schema/errors";

/** What a server or the way to it said no with. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** A code of the API, or OFFLINE if no answer came. */
    readonly code: string,
    message: string,
    /** True if the same request will be refused again. */
    readonly isDefinitive: boolean,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** One sentence on what the code means and what to do; empty for a code that is not in the list. */
  get advice(): string {
    if (this.code === "OFFLINE") return "Nothing was lost. It is tried again when the connection is back.";
    return isErrorCode(this.code) ? ERROR_CODES[this.code].description : "";
  }

  /** What each input field got wrong: path such as `plans[0].planCost` → message. */
  get fields(): ReadonlyMap<string, string> {
    const problems = this.details["problems"];
    if (!Array.isArray(problems)) return new Map();
    return new Map(problems.filter(isProblem).map(({ path, message }) => [path, message]));
  }
}

/** What one error of a GraphQL answer looks like on the wire. */
export interface WireError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Reads an error of an answer; without a code it is an unexpected one. */
export function apiErrorFrom({ message, extensions = {} }: WireError): ApiError {
  const { code, definitive, details } = extensions;
  return new ApiError(
    typeof code === "string" ? code : "INTERNAL_SERVER_ERROR",
    message,
    definitive === true,
    isRecord(details) ? details : {},
  );
}

/** Whatever was thrown, as an error that a page can show. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("UNEXPECTED", error instanceof Error ? error.message : String(error), true);
}

/** No answer came. */
export function offline(what: string): ApiError {
  return new ApiError("OFFLINE", `${what} cannot be reached from here.`, false);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isProblem(value: unknown): value is { path: string; message: string } {
  return isRecord(value) && typeof value["path"] === "string" && typeof value["message"] === "string";
}
