import { createPrivateKey, createPublicKey, verify, webcrypto, X509Certificate, type KeyObject } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { KEY_SIZES, pemOf, PEM_FOOTER, PEM_HEADER, requestInfos, requestOf, type CsrKeyType } from "./csr-der.js";

/** The organisation of every identity that Liqo uses between control planes. */
export const LIQO_ORGANIZATION = "liqo.io";
/** Characters of the largest request that is read. */
export const MAX_CSR_SIZE = 4096;
/** Characters of the largest public key that is read. */
const MAX_KEY_SIZE = 1024;

/** A certificate request is not exactly the one that this peer may make. */
export class CsrRefusedError extends Error {
  constructor(reason: string) {
    super(`The certificate request is refused: ${reason}.`);
    this.name = new.target.name;
  }
}

/** Whose request it must be. */
export interface CsrExpectation {
  readonly clusterID: string;
  /** The key that the contract names for this cluster, PEM. */
  readonly publicKey: string;
}

/**
 * Makes the request for the control plane identity of a cluster, signed with Liqo's own key (PKCS #8 PEM; Ed25519, or RSA with 2048 bits).
 *
 * Both signature schemes are deterministic: the same key and id give the same bytes, which Liqo insists on when a request is repeated.
 * @throws Error for a key of another kind.
 */
export async function makeCsr(privateKeyPem: string, clusterID: string): Promise<string> {
  const key = createPrivateKey(privateKeyPem);
  const type = keyTypeOf(key);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [LIQO_ORGANIZATION] }, { CN: [clusterID] }],
    keys: await cryptoKeys(key, type),
    signingAlgorithm: algorithmOf(type),
  });
  return pemOf(Buffer.from(request.rawData));
}

/**
 * Accepts a request only if it is, byte for byte, one that names `clusterID` as its one common name, {@link LIQO_ORGANIZATION} as its one
 * organisation and nothing else, for the expected key, with a signature by that key. Liqo itself looks only at the first organisation: a
 * second one would give its holder the rights of any group.
 * @throws CsrRefusedError that says which rule is broken.
 */
export function checkCsr(pem: string, expected: CsrExpectation): void {
  const bytes = decodePem(pem);
  const key = readPublicKey(expected.publicKey);
  const type = keyTypeOf(key);
  const spki = key.export({ type: "spki", format: "der" });
  const size = KEY_SIZES[type].signature;
  const signature = bytes.subarray(Math.max(0, bytes.length - size));
  const subject = { commonName: expected.clusterID, organization: LIQO_ORGANIZATION };
  const info = requestInfos(subject, spki).find((candidate) => requestOf(candidate, type, signature).equals(bytes));
  if (info === undefined) throw new CsrRefusedError(whatIsWrong(bytes, expected.clusterID, spki));
  if (!verify(type === "ed25519" ? null : "sha256", info, key, signature))
    throw new CsrRefusedError("its signature does not hold");
}

/** The kind of a public key in PEM; undefined for anything that is no key of a kind that Liqo uses. */
export function csrKeyTypeOf(pem: string | undefined): CsrKeyType | undefined {
  try {
    return pem === undefined ? undefined : keyTypeOf(readPublicKey(pem));
  } catch (error) {
    if (error instanceof CsrRefusedError) return undefined;
    throw error;
  }
}

/** Whether two public keys in PEM are the same key. Anything that is not a key is not the same. */
export function isSameKey(a: string, b: string): boolean {
  try {
    return spkiOf(a).equals(spkiOf(b));
  } catch (error) {
    if (error instanceof CsrRefusedError) return false;
    throw error;
  }
}

/** Whether `signature` is what Liqo makes of `nonce` with that key: over the text itself, RSA with SHA-256. */
export function isNonceSignature(nonce: string, signature: Uint8Array, publicKeyPem: string): boolean {
  const key = readPublicKey(publicKeyPem);
  const type = keyTypeOf(key);
  if (signature.length !== KEY_SIZES[type].signature) return false;
  return verify(type === "ed25519" ? null : "sha256", Buffer.from(nonce), key, signature);
}

/**
 * Why a certificate (base64 of PEM, as Liqo tells it) is not the one that was asked for with {@link makeCsr}; undefined if it is. Who
 * signed it is for the provider's own API server to judge.
 */
export function certificateProblem(signed: string, expected: CsrExpectation): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(signed, "base64"));
  } catch {
    return "cannot be read";
  }
  const key = certificate.publicKey.export({ type: "spki", format: "pem" }).toString();
  if (!isSameKey(key, expected.publicKey)) return "is for the key of another cluster";
  const names = certificate.subject.split("\n").filter((line) => line.startsWith("CN="));
  return names.length === 1 && names[0] === `CN=${expected.clusterID}` ? undefined : "names another cluster";
}

/** The public half of a private key, PEM. */
export function publicKeyOf(privateKeyPem: string): string {
  return createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }).toString();
}

/** SubjectPublicKeyInfo of a key in PEM. @throws CsrRefusedError if it is not a key of a kind that Liqo uses. */
function spkiOf(pem: string): Buffer {
  const key = readPublicKey(pem);
  keyTypeOf(key);
  return key.export({ type: "spki", format: "der" });
}

function readPublicKey(pem: string): KeyObject {
  if (pem.length > MAX_KEY_SIZE || !pem.startsWith("-----BEGIN PUBLIC KEY-----"))
    throw new CsrRefusedError("the public key is not a PEM text of a public key");
  const key = parsedKey(pem);
  // What stands behind the key would be given to Liqo with it.
  if (key.export({ type: "spki", format: "pem" }).toString().trimEnd() !== pem.trimEnd())
    throw new CsrRefusedError("the public key is not in the usual form, or something follows it");
  return key;
}

function parsedKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new CsrRefusedError("the public key cannot be read");
  }
}

function keyTypeOf(key: KeyObject): CsrKeyType {
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  if (key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === 2048) return "rsa-2048";
  throw new CsrRefusedError("its key is neither Ed25519 nor RSA with 2048 bits");
}

function decodePem(pem: string): Buffer {
  if (pem.length > MAX_CSR_SIZE) throw new CsrRefusedError(`it is longer than ${MAX_CSR_SIZE} characters`);
  const text = pem.endsWith("\n") ? pem : `${pem}\n`;
  if (!text.startsWith(PEM_HEADER) || !text.endsWith(PEM_FOOTER)) throw new CsrRefusedError("it is not PEM");
  const bytes = Buffer.from(text.slice(PEM_HEADER.length, -PEM_FOOTER.length), "base64");
  if (pemOf(bytes) !== text)
    throw new CsrRefusedError("its PEM holds more than one request or is not in the usual form");
  return bytes;
}

/** Why bytes that are already refused are not the expected request; for people. */
function whatIsWrong(bytes: Buffer, clusterID: string, spki: Buffer): string {
  const request = parsed(bytes);
  if (request === undefined) return "it cannot be read as PKCS #10, or bytes follow it";
  const names = request.subjectName
    .toJSON()
    .flatMap((set) => Object.entries(set).flatMap(([type, values]) => values.map((value) => [type, value] as const)));
  const of = (type: string): string[] => names.filter(([name]) => name === type).map(([, value]) => value);
  if (of("CN").length !== 1 || of("CN")[0] !== clusterID)
    return `its common name must be ${JSON.stringify(clusterID)} alone`;
  if (of("O").length !== 1 || of("O")[0] !== LIQO_ORGANIZATION)
    return `its organisation must be ${JSON.stringify(LIQO_ORGANIZATION)} alone`;
  if (names.length !== 2) return "its subject names more than the cluster and the organisation";
  if (request.attributes.length > 0 || request.extensions.length > 0) return "it asks for attributes or extensions";
  if (!Buffer.from(request.publicKey.rawData).equals(spki)) return "its key is not the one in the contract";
  return "it is not encoded as Liqo encodes it";
}

function parsed(bytes: Buffer): x509.Pkcs10CertificateRequest | undefined {
  try {
    return new x509.Pkcs10CertificateRequest(new Uint8Array(bytes));
  } catch {
    return undefined; // The caller has refused it already; there is nothing more to say about it.
  }
}

function algorithmOf(type: CsrKeyType): SigningAlgorithm {
  return type === "ed25519" ? { name: "Ed25519" } : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
}

interface SigningAlgorithm {
  readonly name: string;
  readonly hash?: string;
}

async function cryptoKeys(key: KeyObject, type: CsrKeyType): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = algorithmOf(type);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return {
    privateKey: await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  };
}
