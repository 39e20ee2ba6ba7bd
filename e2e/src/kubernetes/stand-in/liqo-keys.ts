import "reflect-metadata";
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
  webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";

const ED25519 = { name: "Ed25519" };
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
/** What precedes the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const SPKI_HEADER = Buffer.from("302a300506032b6570032100", "hex");

/** A cluster's keys as Liqo keeps them: PKCS#8 and SPKI, PEM. */
export interface LiqoKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Keys as Liqo makes them; RSA with 2048 bits in its TLS compatibility mode. */
export function newLiqoKeys(type: "ed25519" | "rsa" = "ed25519"): LiqoKeys {
  const { privateKey, publicKey } =
    type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2_048 }) : generateKeyPairSync("ed25519");
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** The signature of a nonce's text. */
export function signNonce(privateKey: string, nonce: string): Buffer {
  const key = createPrivateKey(privateKey);
  return sign(digestFor(key), Buffer.from(nonce), key);
}

/** Whether the holder of that key (PEM, or the 32 raw bytes) signed the nonce; false for anything that is no key. */
export function isNonceSignedBy(publicKey: Buffer, nonce: string, signature: Buffer): boolean {
  const key = publicKeyOf(publicKey);
  return key !== undefined && verify(digestFor(key), Buffer.from(nonce), key, signature);
}

function digestFor(key: KeyObject): "sha256" | null {
  return key.asymmetricKeyType === "rsa" ? "sha256" : null;
}

function publicKeyOf(bytes: Buffer): KeyObject | undefined {
  try {
    if (bytes.length !== 32) return createPublicKey(bytes);
    return createPublicKey({ key: Buffer.concat([SPKI_HEADER, bytes]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

/** A signing request for that name in PEM; the organisations come first, as Go writes them. */
export async function signingRequest(
  keys: LiqoKeys,
  commonName: string,
  organizations: readonly string[],
): Promise<string> {
  const algorithm = createPrivateKey(keys.privateKey).asymmetricKeyType === "rsa" ? RSA : ED25519;
  const privateKey = await webcrypto.subtle.importKey("pkcs8", der(keys.privateKey), algorithm, true, ["sign"]);
  const publicKey = await webcrypto.subtle.importKey("spki", der(keys.publicKey), algorithm, true, ["verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [...organizations.map((O) => ({ O: [O] })), { CN: [commonName] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: algorithm,
  });
  return `${request.toString("pem")}\n`;
}

/**
 * Why Liqo refuses a signing request; undefined if it takes it. Like Liqo it looks at the first organisation only, and at no attribute or
 * extension.
 */
export function requestProblem(
  request: Buffer,
  expected: { readonly commonName: string; readonly organization: string; readonly publicKey: Buffer },
): string | undefined {
  let parsed: x509.Pkcs10CertificateRequest;
  try {
    parsed = new x509.Pkcs10CertificateRequest(request.toString());
  } catch {
    return "invalid CSR";
  }
  if (parsed.subjectName.getField("CN").at(-1) !== expected.commonName) return "invalid common name";
  if (parsed.subjectName.getField("O")[0] !== expected.organization) return "invalid organization";
  const key = publicKeyOf(expected.publicKey)?.export({ format: "der", type: "spki" });
  return key !== undefined && Buffer.from(parsed.publicKey.rawData).equals(key) ? undefined : "invalid public key";
}

function der(pem: string): ArrayBuffer {
  const [first] = x509.PemConverter.decode(pem);
  if (!first) throw new Error("no PEM");
  return first;
}
