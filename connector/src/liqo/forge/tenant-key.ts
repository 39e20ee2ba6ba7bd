/** What precedes the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410). */
const ED25519_HEADER = Buffer.from("302a300506032b6570032100", "hex");
const ED25519_SIZE = 32;
const HEADER = "-----BEGIN PUBLIC KEY-----\n";
const FOOTER = "\n-----END PUBLIC KEY-----\n";

/**
 * The public key of a customer as Liqo takes it in a Tenant, base64: the 32 bytes alone of an Ed25519 key, which every Liqo 1.x reads and
 * 1.0.0 reads alone; PEM for any other.
 */
export function tenantKey(pem: string): string {
  const der = Buffer.from(pem.replace(HEADER.trim(), "").replace(FOOTER.trim(), ""), "base64");
  const isEd25519 =
    der.length === ED25519_HEADER.length + ED25519_SIZE &&
    der.subarray(0, ED25519_HEADER.length).equals(ED25519_HEADER);
  return (isEd25519 ? der.subarray(ED25519_HEADER.length) : Buffer.from(pem)).toString("base64");
}

/** The key in a Tenant (base64, in either form) as PEM. */
export function keyOfTenant(publicKey: string): string {
  const bytes = Buffer.from(publicKey, "base64");
  if (bytes.length !== ED25519_SIZE) return bytes.toString();
  return `${HEADER}${Buffer.concat([ED25519_HEADER, bytes]).toString("base64")}${FOOTER}`;
}
