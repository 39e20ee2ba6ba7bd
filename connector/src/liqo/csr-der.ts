/**
 * The exact bytes of the certificate requests that Liqo makes: PKCS#10 (RFC 2986) with a subject of one organisation and one common name, an
 * empty set of attributes, and an Ed25519 key (RFC 8410) or, in Liqo's TLS compatibility mode, an RSA key of 2048 bits (RFC 3279).
 *
 * Every request that is accepted is one of the few encodings that can be written down here, so nothing is left to how a parser reads it.
 */

/** What a request asks to be called. */
export interface CsrSubject {
  readonly commonName: string;
  readonly organization: string;
}

export type CsrKeyType = "ed25519" | "rsa-2048";

const TAG = { integer: 0x02, utf8: 0x0c, printable: 0x13, sequence: 0x30, set: 0x31, attributes: 0xa0 };
const COMMON_NAME = Buffer.from("0603550403", "hex");
const ORGANIZATION = Buffer.from("060355040a", "hex");
const VERSION_1 = Buffer.from("020100", "hex");
const NO_ATTRIBUTES = Buffer.from([TAG.attributes, 0]);

/** AlgorithmIdentifier of the signature, with its header. */
export const SIGNATURE_ALGORITHM: Readonly<Record<CsrKeyType, Buffer>> = {
  ed25519: Buffer.from("300506032b6570", "hex"),
  "rsa-2048": Buffer.from("300d06092a864886f70d01010b0500", "hex"),
};
/** Bytes of a SubjectPublicKeyInfo and of a signature. */
export const KEY_SIZES: Readonly<Record<CsrKeyType, { readonly publicKey: number; readonly signature: number }>> = {
  ed25519: { publicKey: 44, signature: 64 },
  "rsa-2048": { publicKey: 294, signature: 256 },
};

export const PEM_HEADER = "-----BEGIN CERTIFICATE REQUEST-----\n";
export const PEM_FOOTER = "-----END CERTIFICATE REQUEST-----\n";
export const PEM_LINE = 64;

/** Every CertificationRequestInfo that names this subject and this key and nothing else: two orders of the attributes, two types of text for each. */
export function requestInfos(subject: CsrSubject, publicKey: Uint8Array): readonly Buffer[] {
  const texts = [TAG.printable, TAG.utf8];
  return texts.flatMap((nameTag) =>
    texts.flatMap((organizationTag) => {
      const name = attribute(COMMON_NAME, nameTag, subject.commonName);
      const organization = attribute(ORGANIZATION, organizationTag, subject.organization);
      return [
        [organization, name],
        [name, organization],
      ].map((names) => der(TAG.sequence, VERSION_1, der(TAG.sequence, ...names), publicKey, NO_ATTRIBUTES));
    }),
  );
}

/** The whole request: info, algorithm, signature. */
export function requestOf(info: Uint8Array, type: CsrKeyType, signature: Uint8Array): Buffer {
  return der(TAG.sequence, info, SIGNATURE_ALGORITHM[type], der(0x03, Buffer.from([0]), signature));
}

/** PEM as Go's encoding/pem writes it: lines of 64 characters, a line feed at the end. */
export function pemOf(request: Uint8Array): string {
  const lines =
    Buffer.from(request)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `${PEM_HEADER}${lines.map((line) => `${line}\n`).join("")}${PEM_FOOTER}`;
}

/** How many characters the field `csr` of a Kubernetes object has (base64 of PEM) when it holds the request that Liqo makes for these names. ASCII only. */
export function csrFieldSize(subject: CsrSubject, type: CsrKeyType): number {
  const { publicKey, signature } = KEY_SIZES[type];
  const info = requestInfos(subject, Buffer.alloc(publicKey))[0] ?? Buffer.alloc(0);
  const pem = pemOf(requestOf(info, type, Buffer.alloc(signature)));
  return Buffer.from(pem).toString("base64").length;
}

function attribute(type: Buffer, tag: number, text: string): Buffer {
  return der(TAG.set, der(TAG.sequence, type, der(tag, Buffer.from(text, "utf8"))));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}
