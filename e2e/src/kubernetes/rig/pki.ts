import "reflect-metadata";
import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const VALID_MS = 24 * 3_600_000;

/** A certificate with its key, both PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** Whom a certificate names. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** Host names and addresses of a server. */
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
}

/** A certificate authority that lives as long as a test: its certificates are valid for a day. */
export class TestAuthority {
  private constructor(
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly certificate: x509.X509Certificate,
    readonly pem: KeyAndCertificate,
  ) {}

  static async create(commonName: string): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...validity(),
      name: [{ CN: [commonName] }],
      keys,
      signingAlgorithm: EC,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new TestAuthority(keys, certificate, { key: await keyPem(keys), certificate: certificate.toString("pem") });
  }

  /** A new key and a certificate for it, good for clients and servers. */
  async issue(subject: Subject): Promise<KeyAndCertificate> {
    const keys = await newKeys();
    const names = [
      ...(subject.dns ?? []).map((value) => ({ type: "dns" as const, value })),
      ...(subject.ip ?? []).map((value) => ({ type: "ip" as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(),
      subject: [...(subject.organizations ?? []).map((O) => ({ O: [O] })), { CN: [subject.commonName] }],
      issuer: this.certificate.subject,
      signingKey: this.keys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: EC,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return { key: await keyPem(keys), certificate: certificate.toString("pem") };
  }
}

/** The RSA pair with which an API server signs the tokens of service accounts. */
export function serviceAccountKeys(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
}

function validity(): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + VALID_MS),
  };
}
