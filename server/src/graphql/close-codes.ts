import type { PublicError } from "./error-mapper.js";

/** Close codes as graphql-ws uses them, and those of RFC 6455 after which stock clients reconnect by themselves. */
export const CLOSE = {
  goingAway: 1001,
  tryAgainLater: 1013,
  unauthorized: 4401,
  forbidden: 4403,
  tooSlow: 4408,
  tooMany: 4429,
  internal: 4500,
} as const;

/** The close code and reason that tell a client why its connection_init was refused: `CODE[ serverTime=…]: message`. */
export function closeFor({ message, extensions: { code, details } }: PublicError): { code: number; reason: string } {
  const serverTime = details?.["serverTime"];
  const clock = typeof serverTime === "number" ? ` serverTime=${serverTime}` : "";
  return { code: closeCodeOf(code), reason: cut(`${code}${clock}: ${message}`) };
}

function closeCodeOf(code: string): number {
  if (code === "RATE_LIMITED" || code === "OVERLOADED" || code === "UNAVAILABLE") return CLOSE.tryAgainLater;
  if (code === "LIMIT_EXCEEDED") return CLOSE.tooMany;
  if (code === "UNAUTHENTICATED" || code === "CLOCK_SKEW" || code.startsWith("PROOF_")) return CLOSE.unauthorized;
  return code === "INTERNAL_SERVER_ERROR" ? CLOSE.internal : CLOSE.forbidden;
}

/** At most 123 bytes of UTF-8 fit into a close frame. */
function cut(reason: string): string {
  let text = reason.slice(0, 123);
  while (Buffer.byteLength(text) > 123) text = text.slice(0, -1);
  return text;
}
