import { isIP } from "node:net";

/** What can be told of an address by looking at it alone. */
export interface EndpointFacts {
  /** Reachable from this machine only. */
  readonly isLoopback: boolean;
  /** An address of a private network: reachable for those in it only. */
  readonly isPrivate: boolean;
  readonly isHttps: boolean;
}

/** Ranges of RFC 1918, RFC 4193 and RFC 6598. */
const PRIVATE = [
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^f[cd][0-9a-f]{2}:/i,
];

/** Looks at an http(s) address; a host name says nothing about the network it is in, but `localhost`. */
export function endpointFacts(endpoint: string): EndpointFacts {
  const { hostname, protocol } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  const isLoopback =
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."));
  const isPrivate = isIP(host) !== 0 && PRIVATE.some((range) => range.test(host));
  return { isLoopback, isPrivate, isHttps: protocol === "https:" };
}

/** Liqo's own pattern for the address of a peer (CRD foreignclusters.discovery.liqo.io of 0.8 and 0.10, `foreignAuthUrl`). */
const FOREIGN_AUTH_URL =
  /https:\/\/(www\.)?[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9()@:%_+.~#?&//=]*)/;

/** Whether a customer's Liqo (0.x) takes this Liqo address: its API server refuses others. */
export function isAcceptedByForeignCluster(liqoAddress: string): boolean {
  return FOREIGN_AUTH_URL.test(liqoAddress.includes("://") ? liqoAddress : `https://${liqoAddress}`);
}
