import { exportJWK } from "jose";
import { decodeCanonical, encode } from "../documents/base64url.js";
import { signerFrom, type Signer } from "../documents/jws.js";
import { thumbprint, type IdentityKeyPair, type IdentityKeys, type PublicJwk } from "../documents/keys.js";

/** PKCS #8 up to the 32 bytes of the private key (RFC 8410 §7). */
const PKCS8_PREFIX = { Ed25519: "MC4CAQAwBQYDK2VwBCIEIA", X25519: "MC4CAQAwBQYDK2VuBCIEIA" } as const;

/** A party of the test vectors. */
export interface TestParty {
  readonly keys: IdentityKeys;
  readonly signer: Signer;
}

/** The names of the parties in schema/vectors/keys.json. `turin2` and `turin3` are later keys of `turin`. */
export const PARTY_NAMES = ["turin", "turin2", "turin3", "paris", "mallory", "broker"] as const;
export type PartyName = (typeof PARTY_NAMES)[number];

/** The parties, always with the same keys: the private keys are the SHA-256 of a name. Never use them outside tests. */
export async function testParties(): Promise<Readonly<Record<PartyName, TestParty>>> {
  const turin = await identityFrom("turin");
  const later = async (name: string): Promise<IdentityKeys> => ({
    ...(await identityFrom(name)),
    encryption: turin.encryption,
    fingerprint: turin.fingerprint,
  });
  return {
    turin: await party(turin),
    turin2: await party(await later("turin2")),
    turin3: await party(await later("turin3")),
    paris: await party(await identityFrom("paris")),
    mallory: await party(await identityFrom("mallory")),
    broker: await party(await identityFrom("broker")),
  };
}

/** The keys whose private halves are SHA-256("catalog test vectors: <name> sig") and the same with "enc". */
export async function identityFrom(name: string): Promise<IdentityKeys> {
  const signing = await pairFrom(`catalog test vectors: ${name} sig`, "Ed25519");
  return {
    signing,
    encryption: await pairFrom(`catalog test vectors: ${name} enc`, "X25519"),
    fingerprint: signing.kid,
  };
}

async function pairFrom(seedText: string, crv: PublicJwk["crv"]): Promise<IdentityKeyPair> {
  const seed = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(seedText)));
  const pkcs8 = new Uint8Array([...decodeCanonical(PKCS8_PREFIX[crv]), ...seed]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, crv, true, crv === "Ed25519" ? ["sign"] : ["deriveBits"]);
  const { x } = await exportJWK(key);
  if (x === undefined) throw new Error(`the platform exports no public half of a ${crv} key`);
  const publicJwk: PublicJwk = { kty: "OKP", crv, x };
  return { publicJwk, privateJwk: { ...publicJwk, d: encode(seed) }, kid: await thumbprint(publicJwk) };
}

async function party(keys: IdentityKeys): Promise<TestParty> {
  return { keys, signer: await signerFrom(keys) };
}
