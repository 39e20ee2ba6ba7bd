import { BlockList, isIP } from "node:net";
import { CatalogError } from "@catalog/schema/errors";
import { InputInvalidError } from "@catalog/schema/problem";
import type { PeeringMessage } from "../../services/peerings/peering-ports.js";
import type { AuthParams, TenantParts } from "./handshake.js";
import type { Cidrs, GatewayEndpoint } from "./network.js";

/** What a customer asks of its provider. */
export type CustomerMessage =
  | { readonly type: "nonce" | "status" | "disconnect" | "ended" }
  | ({ readonly type: "tenant" } & TenantParts)
  | { readonly type: "network"; readonly cidr: Cidrs; readonly publicKey: string | null };

/** The customer's identity at the provider. */
export interface IdentityReply {
  readonly type: "identity";
  /** The customer's namespace at the provider. */
  readonly namespace: string;
  readonly authParams: AuthParams;
}

/** The provider's half of the network. */
export interface NetworkReply {
  readonly type: "network";
  readonly cidr: Cidrs;
  readonly endpoint: GatewayEndpoint | null;
  /** Base64 of 32 bytes. */
  readonly publicKey: string | null;
}

/** Where the peering stands as the provider sees it. */
export interface StatusReply {
  readonly type: "status";
  readonly message: string;
  /** Whether the customer's Tenant is there and accepted; without it the handshake has to be done. */
  readonly hasTenant: boolean;
  /** Digest of the identity that the customer has there; left out by a provider that does not tell it. */
  readonly identity?: string;
  /** Whether the provider has, or is making, its half of a network. */
  readonly hasNetwork: boolean;
  readonly granted: Readonly<Record<string, string>>;
}

/** What a provider answers; `pending` = ask again, `refused` = somebody has to do something. */
export type ProviderReply =
  | { readonly type: "nonce"; readonly nonce: string }
  | { readonly type: "pending" | "refused"; readonly message: string }
  | { readonly type: "disconnected" | "ended" }
  | IdentityReply
  | NetworkReply
  | StatusReply;

const MAX_TEXT = 1_000;
const MAX_PEM = 4_096;
const MAX_CERTIFICATE = 12_288;
/** Control characters that are no white space. */
const NO_TEXT = /[^\P{Cc}\t\n\r]/u;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const HOST = /^(?=.{1,253}$)[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?$/;

/** Reads what a customer sent. @throws InputInvalidError for anything but exactly one of the messages. */
export function readCustomerMessage(message: unknown): CustomerMessage {
  const read = new Reader(message, (path, problem) => new InputInvalidError([{ path, message: problem }]));
  switch (read.type) {
    case "nonce":
    case "status":
    case "disconnect":
    case "ended":
      return read.only([], { type: read.type });
    case "tenant":
      return read.only(["publicKey", "csr", "signature"], {
        type: "tenant",
        publicKey: read.text("publicKey", MAX_PEM),
        csr: read.text("csr", MAX_PEM),
        signature: read.base64("signature", 512),
      });
    case "network":
      return read.only(["cidr", "publicKey"], { type: "network", cidr: read.cidrs(), publicKey: read.tunnelKey() });
    default:
      throw read.problem("type", "is not a message of this kind of peering; both clusters must run Liqo 1.x");
  }
}

/** Reads what a provider answered. @throws CatalogError PEER_UNREACHABLE for anything else, so that it is asked again. */
export function readProviderReply(message: unknown): ProviderReply {
  const refuse = (path: string, problem: string): CatalogError =>
    new CatalogError("PEER_UNREACHABLE", `The provider's answer is not understood: ${path} ${problem}.`);
  const read = new Reader(message, refuse);
  switch (read.type) {
    case "nonce":
      return { type: "nonce", nonce: read.base64("nonce", 256) };
    case "pending":
    case "refused":
      return { type: read.type, message: read.text("message", MAX_TEXT) };
    case "disconnected":
    case "ended":
      return { type: read.type };
    case "identity":
      return { type: "identity", namespace: read.matching("namespace", NAMESPACE), authParams: read.authParams() };
    case "network":
      return { type: "network", cidr: read.cidrs(), endpoint: read.endpoint(), publicKey: read.tunnelKey() };
    case "status":
      return {
        type: "status",
        message: read.text("message", MAX_TEXT),
        hasTenant: read.member("hasTenant") === true,
        ...(read.member("identity") === undefined ? {} : { identity: read.matching("identity", /^[0-9a-f]{64}$/) }),
        hasNetwork: read.member("hasNetwork") === true,
        granted: read.texts("granted"),
      };
    default:
      throw refuse("type", "is unknown");
  }
}

/** A message as it is sent. */
export function asMessage(message: CustomerMessage | ProviderReply): PeeringMessage {
  return { ...message };
}

/** Reads members of a foreign object, each in one exact form. */
class Reader {
  private readonly members: Readonly<Record<string, unknown>>;

  constructor(
    message: unknown,
    readonly problem: (path: string, problem: string) => Error,
  ) {
    if (typeof message !== "object" || message === null || Array.isArray(message))
      throw problem("message", "must be an object");
    this.members = { ...message };
  }

  get type(): unknown {
    return this.members["type"];
  }

  member(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
  }

  /** `value`, if the message has no members beside `names` and its type. */
  only<T>(names: readonly string[], value: T): T {
    const extra = Object.keys(this.members).find((name) => name !== "type" && !names.includes(name));
    if (extra !== undefined) throw this.problem(extra.slice(0, 40), "is not a member of this message");
    return value;
  }

  text(name: string, limit: number): string {
    const value = this.member(name);
    if (typeof value !== "string" || value.length > limit)
      throw this.problem(name, `must be a text of at most ${limit} characters`);
    return value;
  }

  matching(name: string, pattern: RegExp): string {
    const value = this.text(name, 253);
    if (!pattern.test(value)) throw this.problem(name, "has not the form that it must have");
    return value;
  }

  base64(name: string, limit: number): string {
    const value = this.text(name, limit);
    if (value === "" || Buffer.from(value, "base64").toString("base64") !== value)
      throw this.problem(name, "must be base64");
    return value;
  }

  /** Base64 of PEM. One that holds anything but text, such as the zero bytes of a file that was padded, is of no use in a kubeconfig. */
  certificates(name: string): string {
    const value = this.base64(name, MAX_CERTIFICATE);
    const pem = Buffer.from(value, "base64").toString();
    if (!pem.includes("-----BEGIN CERTIFICATE-----") || NO_TEXT.test(pem))
      throw this.problem(name, "must be base64 of certificates in PEM and nothing but text");
    return value;
  }

  tunnelKey(): string | null {
    if ((this.member("publicKey") ?? null) === null) return null;
    const key = this.base64("publicKey", 64);
    if (Buffer.from(key, "base64").length !== 32) throw this.problem("publicKey", "must be 32 bytes");
    return key;
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.member(name);
    if (typeof value !== "object" || value === null) throw this.problem(name, "must be an object");
    const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Object.fromEntries(entries.slice(0, 100).map(([key, text]) => [key.slice(0, 320), text.slice(0, 128)]));
  }

  cidrs(): Cidrs {
    const read = this.inside("cidr");
    return { pod: read.cidrList("pod"), external: read.cidrList("external") };
  }

  endpoint(): GatewayEndpoint | null {
    if ((this.member("endpoint") ?? null) === null) return null;
    const read = this.inside("endpoint");
    const addresses = read.list("addresses").filter((address) => typeof address === "string");
    const { port, protocol } = { port: read.member("port"), protocol: read.member("protocol") };
    if (addresses.length === 0 || !addresses.every((address) => isIP(address) !== 0 || HOST.test(address)))
      throw this.problem("endpoint.addresses", "must be addresses or names");
    if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535)
      throw this.problem("endpoint.port", "must be a port");
    if (protocol !== "UDP" && protocol !== "TCP") throw this.problem("endpoint.protocol", "must be UDP or TCP");
    return { addresses, port, protocol };
  }

  /** Without cloud credentials: what has them is refused, because they would be somebody's secret. */
  authParams(): AuthParams {
    const read = this.inside("authParams");
    const proxyURL = read.member("proxyURL") === undefined ? undefined : read.text("proxyURL", 2_048);
    const ca = read.member("ca") === undefined ? undefined : read.certificates("ca");
    return read.only(["apiServer", "ca", "signedCRT", "proxyURL"], {
      apiServer: read.text("apiServer", 2_048),
      ...(ca === undefined ? {} : { ca }),
      signedCRT: read.base64("signedCRT", MAX_CERTIFICATE),
      ...(proxyURL === undefined ? {} : { proxyURL }),
    });
  }

  private inside(name: string): Reader {
    return new Reader(this.member(name), (path, problem) => this.problem(`${name}.${path}`, problem));
  }

  private list(name: string): readonly unknown[] {
    const value = this.member(name);
    if (!Array.isArray(value) || value.length > 16) throw this.problem(name, "must be a list of at most 16");
    return value;
  }

  private cidrList(name: string): readonly string[] {
    return this.list(name).map((value) => {
      if (typeof value !== "string" || !isCidr(value)) throw this.problem(name, "must be address ranges of a cluster");
      return value;
    });
  }
}

/** Ranges that are of no use to a cluster's pods, and would take something else of the reader's away: itself, its links, all. */
const NO_PEERS = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
] as const)
  NO_PEERS.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 96],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  NO_PEERS.addSubnet(network, prefix, "ipv6");

/** Whether it is the range of a cluster: not larger than any private range, and none of {@link NO_PEERS}. */
function isCidr(value: string): boolean {
  const [address = "", bits = "", rest] = value.split("/");
  const family = isIP(address);
  if (rest !== undefined || family === 0 || !/^\d{1,3}$/.test(bits)) return false;
  const [least, most] = family === 4 ? [8, 32] : [16, 128];
  return Number(bits) >= least && Number(bits) <= most && !NO_PEERS.check(address, family === 4 ? "ipv4" : "ipv6");
}
