import type { IncomingMessage } from "node:http";

/** Path of a request without its query string. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}

/** Raw query string of a request without "?". */
export function queryOf(request: IncomingMessage): string {
  const url = request.url ?? "";
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
