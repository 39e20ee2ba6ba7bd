const SECRET_NAME = /authorization|token|secret|cookie|password|passwd|jwe|private|proof|joinstring/i;
const REPLACEMENT = "[redacted]";
const MAX_DEPTH = 6;

/** What looks like a secret inside a text, with what of it may stay. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s/@"]+@/gi, "$1:[redacted]@"], // the password of a URL
  [/(catalog-join:[^\s#"\\]*#)[^\s"\\]+/gi, "$1[redacted]"],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, "$1 [redacted]"],
  [/\beyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+/g, "[redacted JWE]"], // five parts; a JWS has three
];

/** Replaces what looks like a secret inside a text. */
export function redactText(text: string): string {
  return SECRET_TEXTS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** A copy of the value in which every member named like a secret is replaced, to a depth of 6; errors keep cause and code. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return redactValue([...value], depth);
  if (value instanceof Error) return redactError(value, depth);
  return redactMembers(Object.entries(value), depth);
}

function redactError(error: Error, depth: number): object {
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    stack,
    ...redactMembers(Object.entries(error), depth),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1) }),
  };
}

function redactMembers(members: [string, unknown][], depth: number): Record<string, unknown> {
  return Object.fromEntries(
    members.map(([name, value]) => {
      const isSecret = SECRET_NAME.test(name) && (typeof value === "string" || typeof value === "object");
      return [name, isSecret && value !== null ? REPLACEMENT : redactValue(value, depth + 1)];
    }),
  );
}
