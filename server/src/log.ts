import { pino, type DestinationStream, type Logger } from "pino";
import { redactText, redactValue } from "./log-redaction.js";
import { randomId } from "./random.js";

export type { Logger } from "pino";
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

export interface LogOptions {
  readonly level: LogLevel;
  /** Which part speaks: `broker`, `connector`, … */
  readonly name: string;
  /** Where the lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

/** Names of secrets that may be bound to a child log, which the formatter for lines does not see. */
const CHILD_SECRETS = ["authorization", "token", "adminToken", "secret", "cookie", "password", "jwe"] as const;

/**
 * A log of one JSON object per line: time (ISO 8601), level, name, msg and what the caller adds. Secrets never reach it:
 * values of members that are named like one are replaced at any depth, and so is what looks like one inside a text.
 */
export function createLog({ level, name, destination }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => redactValue(entry) as Record<string, unknown>,
      },
      serializers: { err: (error: unknown) => redactValue(error) }, // pino's own would hide the cause in the message
      redact: { paths: [...CHILD_SECRETS], censor: "[redacted]" },
      hooks: { streamWrite: redactText },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** A log that says nothing: for tests, and for tools whose output is their answer. */
export function silentLog(): Logger {
  return pino({ level: "silent" });
}

/** The id that ties the log lines of one request together and that a masked error quotes. */
export function newRequestId(): string {
  return randomId(9);
}

/** The log of one request: every line carries its id. */
export function requestLog(log: Logger, requestId: string): Logger {
  return log.child({ requestId });
}
