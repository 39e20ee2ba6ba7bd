import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateFile, readPrivateFile, replacePrivateFile } from "../identity/private-file.js";
import { randomId } from "../random.js";
import { TlsMaterialInvalidError } from "./tls-material-invalid.error.js";

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 397;
const RENEW_DAYS = 30;

/**
 * A self-signed ECDSA P-256 certificate for `names`, kept in `tls-key.pem` and `tls-cert.pem`. It is made anew, with the
 * same key, within 30 days of its end or when the names change: the key is what peers have pinned.
 */
export async function selfSigned(
  dataDir: string,
  names: readonly string[],
  now: Date,
): Promise<{ key: string; cert: string }> {
  const key = await loadOrCreateKey(join(dataDir, "tls-key.pem"));
  const certFile = join(dataDir, "tls-cert.pem");
  const known = await readPrivateFile(certFile);
  if (known !== undefined && isCurrent(known, key, names, now)) return { key, cert: known };
  const cert = await issue(key, names, now);
  await replacePrivateFile(certFile, cert);
  return { key, cert };
}

async function loadOrCreateKey(file: string): Promise<string> {
  const known = await readPrivateFile(file);
  if (known !== undefined) return known;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await createPrivateFile(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const stored = await readPrivateFile(file);
  if (stored === undefined) throw new TlsMaterialInvalidError(`${file} vanished after it was written.`);
  return stored;
}

function isCurrent(pem: string, key: string, names: readonly string[], now: Date): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const hasTimeLeft = new Date(certificate.validTo).getTime() - now.getTime() > RENEW_DAYS * DAY_MS;
    return (
      hasTimeLeft &&
      new Date(certificate.validFrom) <= now &&
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      sanOf(names) === certificate.subjectAltName
    );
  } catch {
    return false; // Unreadable: it is made anew, from the key that counts.
  }
}

function sanOf(names: readonly string[]): string {
  return names.map((name) => (isIP(name) === 0 ? `DNS:${name}` : `IP Address:${name}`)).join(", ");
}

async function issue(key: string, names: readonly string[], now: Date): Promise<string> {
  const keys = await cryptoKeys(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${Buffer.from(randomId(15), "base64url").toString("hex")}`,
    name: "CN=The Catalog",
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + LIFETIME_DAYS * DAY_MS),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name })),
      ),
    ],
  });
  return certificate.toString("pem");
}

async function cryptoKeys(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const secret = createPrivateKey(pem);
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const imported = async (key: KeyObject, usage: "sign" | "verify") =>
    webcrypto.subtle.importKey("jwk", key.export({ format: "jwk" }), algorithm, true, [usage]);
  return { privateKey: await imported(secret, "sign"), publicKey: await imported(createPublicKey(secret), "verify") };
}
