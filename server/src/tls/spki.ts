import { createHash, type X509Certificate } from "node:crypto";

/** Base64url of the SHA-256 of a certificate's SubjectPublicKeyInfo (DER): what RFC 7469 pins, in base64url. */
export function spkiOf(certificate: X509Certificate): string {
  return createHash("sha256")
    .update(certificate.publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
}
