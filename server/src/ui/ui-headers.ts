/** Where the files of a page come from decides what it may do. */
export type UiPart = "app" | "playground";

/** What every file of a page is served with. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  vary: "accept-encoding",
};

/**
 * What a page may load and do: only what comes from this server. Styles set by scripts need no exception; the editor of the playground
 * writes style elements, and runs its language services in workers that it makes of blobs.
 * @param host the Host header, named for browsers to which 'self' does not cover WebSockets.
 */
export function contentSecurityPolicy(part: UiPart, host: string | undefined): string {
  const sockets =
    host !== undefined && /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(host) ? ` ws://${host} wss://${host}` : "";
  const isPlayground = part === "playground";
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${isPlayground ? " 'unsafe-inline'" : ""}`,
    "img-src 'self' data:",
    `font-src 'self'${isPlayground ? " data:" : ""}`,
    `connect-src 'self'${sockets}`,
    ...(isPlayground ? ["worker-src 'self' blob:"] : []),
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}
