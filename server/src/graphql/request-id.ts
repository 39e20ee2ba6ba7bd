import type { IncomingHttpHeaders } from "node:http";
import { newRequestId } from "../log.js";

export const REQUEST_ID_HEADER = "x-request-id";

/** The request's id: the caller's own, if it is a harmless text of at most 64 characters, else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === "string" && /^[\w.:-]{1,64}$/.test(given) ? given : newRequestId();
}
