import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { selfSigned } from "./self-signed.js";
import { spkiOf } from "./spki.js";
import { TlsMaterialInvalidError } from "./tls-material-invalid.error.js";

export type TlsMode = "files" | "self-signed" | "off";

/** Where a listener's certificate comes from. */
export interface TlsSource {
  readonly mode: TlsMode;
  /** PEM files of mode `files`: the certificate with its chain, and its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Where mode `self-signed` keeps its key and certificate. */
  readonly dataDir: string;
  /** Host names and addresses that a self-signed certificate names. */
  readonly names: readonly string[];
}

/** A certificate and its key, as Node takes them. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
  /** Base64url of the SHA-256 of the SubjectPublicKeyInfo; unchanged by a renewal that keeps the key. */
  readonly spki: string;
  readonly isSelfSigned: boolean;
}

/** Certificate and key as configured; undefined for mode `off`. Throws {@link TlsMaterialInvalidError} with what to mend. */
export async function loadTls(source: TlsSource, now: Date): Promise<TlsMaterial | undefined> {
  if (source.mode === "off") return undefined;
  if (source.mode === "self-signed") {
    const { key, cert } = await selfSigned(source.dataDir, source.names, now);
    return { key, cert, spki: spkiOf(new X509Certificate(cert)), isSelfSigned: true };
  }
  if (source.certFile === undefined || source.keyFile === undefined) {
    throw new TlsMaterialInvalidError("TLS=files needs TLS_CERT_FILE and TLS_KEY_FILE.");
  }
  return fromFiles(source.certFile, source.keyFile, now);
}

async function fromFiles(certFile: string, keyFile: string, now: Date): Promise<TlsMaterial> {
  const cert = await readPem(certFile, "TLS_CERT_FILE");
  const key = await readPem(keyFile, "TLS_KEY_FILE");
  const certificate = parse(certFile, "a PEM certificate", () => new X509Certificate(cert));
  const secret: KeyObject = parse(keyFile, "a PEM private key without a passphrase", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(secret))
    throw new TlsMaterialInvalidError(`${keyFile} is not the key of ${certFile}.`);
  if (new Date(certificate.validTo) < now)
    throw new TlsMaterialInvalidError(`${certFile} expired at ${certificate.validTo}.`);
  return { key, cert, spki: spkiOf(certificate), isSelfSigned: false };
}

async function readPem(file: string, setting: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new TlsMaterialInvalidError(
      `${setting}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
    );
  }
}

function parse<T>(file: string, kind: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw new TlsMaterialInvalidError(`${file} is not ${kind}.`);
  }
}
