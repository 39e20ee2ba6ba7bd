import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Cidr = readonly [Address, number];

/** Which addresses an outgoing call may go to, beyond public unicast. */
export interface AddressRules {
  /** Development: loopback may be called, and by http too. */
  readonly allowHttp: boolean;
  /** Private ranges that may be called, such as "10.0.0.0/8". */
  readonly allowCidrs: readonly string[];
  /** Ranges that may never be called: the cluster's own API server, pods and services. They win over everything. */
  readonly denyCidrs: readonly string[];
}

/** Why an address may not be called. */
export interface AddressVerdict {
  readonly rule: string;
  readonly setting?: string;
}

/** Where clouds serve metadata and platform services: no setting opens them. */
const PLATFORM = [
  "168.63.129.16/32",
  "169.254.0.0/16",
  "fe80::/10",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
];

/** Ranges that `allowCidrs` can open; the others are no addresses of hosts. */
const OPENABLE: ReadonlySet<string> = new Set(["private", "uniqueLocal", "carrierGradeNat", "loopback"]);

/** A CIDR of the configuration that is none. */
export class CidrInvalidError extends Error {
  constructor(text: string) {
    super(`"${text}" is not a range of addresses such as 10.0.0.0/8 or fd00::/8.`);
    this.name = "CidrInvalidError";
  }
}

/** Judges addresses; IANA's special-purpose registries are those of ipaddr.js. */
export class AddressPolicy {
  private readonly allow: readonly Cidr[];
  private readonly deny: readonly Cidr[];
  private readonly platform = PLATFORM.map(parseCidr);

  /** Throws {@link CidrInvalidError}. */
  constructor(private readonly rules: AddressRules) {
    this.allow = rules.allowCidrs.map(parseCidr);
    this.deny = rules.denyCidrs.map(parseCidr);
  }

  /**
   * Undefined if `text`, an IP address, may be called, else why not.
   * @param isPrivateAllowed for addresses that the own admin typed: private ranges need no setting then.
   */
  judge(text: string, isPrivateAllowed: boolean): AddressVerdict | undefined {
    if (!ipaddr.isValid(text)) return { rule: "it is not an IP address" };
    const address = ipaddr.parse(text);
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
      return { rule: "it hides an IPv4 address in an IPv6 address" };
    if (isIn(address, this.deny)) return { rule: "it belongs to this cluster's own network" };
    if (isIn(address, this.platform)) return { rule: "link-local and cloud platform addresses are never called" };
    const range = rangeOf(address);
    if (range === "unicast" || this.isOpened(address, range, isPrivateAllowed)) return undefined;
    return refusalOf(range);
  }

  /** Whether plain http may be used to this address. */
  isHttpAllowed(text: string): boolean {
    return this.rules.allowHttp && ipaddr.isValid(text) && ipaddr.parse(text).range() === "loopback";
  }

  private isOpened(address: Address, range: string, isPrivateAllowed: boolean): boolean {
    if (!OPENABLE.has(range)) return false;
    if (range === "loopback" && this.rules.allowHttp) return true;
    return isPrivateAllowed || isIn(address, this.allow);
  }
}

function refusalOf(range: string): AddressVerdict {
  if (range === "loopback")
    return { rule: "it is a loopback address", setting: "ALLOW_HTTP (development) or ALLOW_CIDRS" };
  if (OPENABLE.has(range)) return { rule: "it is a private address", setting: "ALLOW_CIDRS" };
  return { rule: `it is not the public address of a host (${range})` };
}

/** As ipaddr.js names it; of IPv6 only 2000::/3 is public, which leaves out the deprecated ::a.b.c.d too. */
function rangeOf(address: Address): string {
  const range = address.range();
  const isOutside =
    address instanceof ipaddr.IPv6 && range === "unicast" && !address.match(ipaddr.IPv6.parse("2000::"), 3);
  return isOutside ? "reserved" : range;
}

function isIn(address: Address, cidrs: readonly Cidr[]): boolean {
  return cidrs.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}

function parseCidr(text: string): Cidr {
  try {
    return ipaddr.parseCIDR(text.trim());
  } catch {
    throw new CidrInvalidError(text);
  }
}
