import { CompactEncrypt, compactDecrypt, importJWK } from "jose";
import { CatalogError } from "../errors.js";
import { decodeCanonical } from "./base64url.js";
import { checkSize } from "./jws.js";
import { parsePublicJwk, thumbprint, type IdentityKeyPair, type PublicJwk } from "./keys.js";
import { parseStrictObject, shown } from "./strict-json.js";

/** The `typ` of the two encrypted messages. */
export const JWE_TYP = { joinToken: "catalog-join-token+jwe", peering: "catalog-peering+jwe" } as const;

export type JweTyp = (typeof JWE_TYP)[keyof typeof JWE_TYP];

/** Largest compact form of each encrypted message, in bytes. */
export const JWE_LIMITS: Readonly<Record<JweTyp, number>> = { [JWE_TYP.joinToken]: 4_096, [JWE_TYP.peering]: 49_152 };

const HEADER_MEMBERS = ["alg", "enc", "typ", "kid", "epk"];

/** Compact JWE (ECDH-ES with X25519, A256GCM) that only the holder of `recipient` can read. */
export async function encryptTo(recipient: PublicJwk, typ: JweTyp, plaintext: Uint8Array): Promise<string> {
  const jwk = parsePublicJwk(recipient, "X25519", `${typ}: the recipient's key`);
  const key = await importJWK({ ...jwk }, "ECDH-ES");
  return new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ, kid: await thumbprint(jwk) })
    .encrypt(key);
}

/**
 * The plaintext of a compact JWE made for `own`. Says nothing about who made it: what is inside must be signed or hold a
 * secret. Throws {@link CatalogError} DOCUMENT_TOO_LARGE or DOCUMENT_INVALID.
 */
export async function decryptWith(own: IdentityKeyPair, typ: JweTyp, jwe: string): Promise<Uint8Array> {
  checkSize(jwe, typ, JWE_LIMITS[typ]);
  const segments = jwe.split(".", 6);
  const [header, encryptedKey, iv, ciphertext, tag] = segments.map((segment) => decodeCanonical(segment));
  if (
    header === undefined ||
    iv?.length !== 12 ||
    tag?.length !== 16 ||
    ciphertext === undefined ||
    encryptedKey?.length !== 0 ||
    segments.length !== 5
  ) {
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `${typ}: not a compact JWE of five segments with an empty key, a 12-byte IV and a 16-byte tag`,
    );
  }
  checkHeader(header, typ, own.kid);
  try {
    const key = await importJWK({ ...own.privateJwk }, "ECDH-ES");
    const { plaintext } = await compactDecrypt(jwe, key, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    return plaintext;
  } catch {
    // One message for every cause: what a decryption fails at is nobody's business.
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: cannot be decrypted with the key ${own.kid}`);
  }
}

function checkHeader(bytes: Uint8Array, typ: JweTyp, kid: string): void {
  const header = parseStrictObject(bytes, `${typ}: the header`);
  const extra = Object.keys(header).find((name) => !HEADER_MEMBERS.includes(name));
  if (extra !== undefined)
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `${typ}: the header member ${shown(extra)} is not allowed; ${HEADER_MEMBERS.join(", ")} are`,
    );
  if (header["alg"] !== "ECDH-ES" || header["enc"] !== "A256GCM")
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: alg must be ECDH-ES and enc A256GCM`);
  if (header["typ"] !== typ)
    throw new CatalogError("DOCUMENT_INVALID", `typ is ${shown(header["typ"])} where ${typ} is expected`);
  if (header["kid"] !== kid)
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: encrypted to the key ${shown(header["kid"])}, not to ${kid}`);
  parsePublicJwk(header["epk"], "X25519", `${typ}: epk`);
}
