import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { CatalogError } from "@catalog/schema/errors";
import { AddressPolicy, type AddressRules } from "./address-policy.js";
import { EndpointRefusedError } from "./endpoint-refused.error.js";

/** Finds all addresses of a host name. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** A URL that may be called, at these addresses and no other. */
export interface CheckedEndpoint {
  readonly url: URL;
  /** Host without the brackets of IPv6. */
  readonly host: string;
  readonly addresses: readonly string[];
}

const MAX_URL = 2_048;

/** Decides whether a URL that came from outside may be called; the literal and every resolved address must pass. */
export class EndpointGuard {
  private readonly policy: AddressPolicy;

  constructor(
    rules: AddressRules,
    private readonly resolve: Resolver = systemResolver,
  ) {
    this.policy = new AddressPolicy(rules);
  }

  /**
   * @param isPrivateAllowed for a URL that the own admin typed.
   * @throws EndpointRefusedError if a rule forbids the URL, CatalogError PEER_UNREACHABLE if its name does not resolve.
   */
  async check(text: string, isPrivateAllowed = false): Promise<CheckedEndpoint> {
    const url = parseUrl(text);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(host) === 0 ? await this.addressesOf(host) : [host];
    for (const address of addresses) {
      const verdict = this.policy.judge(address, isPrivateAllowed);
      if (verdict !== undefined) throw refused(text, verdict.rule, verdict.setting, address);
      if (url.protocol === "http:" && !this.policy.isHttpAllowed(address)) {
        throw refused(
          text,
          "only https is called; http to a loopback address in development",
          "ALLOW_HTTP, for loopback only,",
          address,
        );
      }
    }
    return { url, host, addresses };
  }

  private async addressesOf(host: string): Promise<readonly string[]> {
    const addresses = await this.resolve(host).catch(() => []);
    if (addresses.length === 0) throw new CatalogError("PEER_UNREACHABLE", `the name ${host} does not resolve`);
    return addresses;
  }
}

/** Asks the system's resolver, hosts file included, as every other program here does. */
async function systemResolver(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function parseUrl(text: string): URL {
  if (text.length > MAX_URL) throw refused(text, `a URL may have at most ${MAX_URL} characters`);
  if (!URL.canParse(text)) throw refused(text, "it is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw refused(text, "only https is called", "ALLOW_HTTP, for http to loopback only,");
  if (url.username !== "" || url.password !== "") throw refused(text, "a URL may not carry a user name or password");
  // "127.1", "0x7f000001" and the like: one address, one spelling, so that people and logs see what is meant.
  if (writtenHost(text) !== url.hostname) throw refused(text, `the host must be written as ${url.hostname}`);
  if (url.hostname.endsWith(".")) throw refused(text, "the host may not end with a dot");
  if (url.hash !== "" || url.search !== "") throw refused(text, "an endpoint has no query and no fragment");
  return url;
}

function writtenHost(text: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)/i.exec(text)?.[1];
  return authority?.replace(/:\d*$/, "").toLowerCase();
}

function refused(url: string, rule: string, setting?: string, address?: string): EndpointRefusedError {
  return new EndpointRefusedError({
    url: url.slice(0, 300),
    rule,
    ...(setting === undefined ? {} : { setting }),
    ...(address === undefined ? {} : { address }),
  });
}
