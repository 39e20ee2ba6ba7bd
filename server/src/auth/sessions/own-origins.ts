import type { IncomingHttpHeaders } from "node:http";

/** Reads one origin of a setting: scheme, host and port, nothing else. */
export function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== text.toLowerCase().replace(/\/$/, "")) {
    throw new Error("must hold origins such as https://catalog.example.org");
  }
  return url.origin;
}

/**
 * Which pages are this server's own. Cookies ignore ports and a browser sends them to every console of a host, so a cookie counts only
 * from a page whose Origin is ours.
 */
export class OwnOrigins {
  /**
   * @param isTls whether this process serves TLS itself.
   * @param announced origins under which a proxy in front serves this process, such as https://catalog.example.org.
   */
  constructor(
    private readonly isTls: boolean,
    private readonly announced: readonly string[],
  ) {}

  /** Whether the request comes from a page of this server: the scheme, host and port that it was reached at, or an announced one. */
  includes({ origin, host }: Pick<IncomingHttpHeaders, "origin" | "host">): boolean {
    if (origin === undefined) return false;
    if (this.announced.includes(origin)) return true;
    return host !== undefined && origin.toLowerCase() === `${this.isTls ? "https" : "http"}://${host.toLowerCase()}`;
  }
}
