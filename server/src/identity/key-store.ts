import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import {
  generateIdentity,
  parsePublicJwk,
  thumbprint,
  type IdentityKeyPair,
  type IdentityKeys,
  type PublicJwk,
} from "@catalog/schema/documents/keys";
import { createPrivateFile, readPrivateFile } from "./private-file.js";

/** The file in the data directory that is the identity of a party; whoever has it is the party. */
export const KEY_FILE = "identity.json";

/** A key file that cannot be used; the message says which file, what is wrong and what to do. */
export class KeyFileInvalidError extends Error {
  constructor(file: string, reason: string) {
    super(`${file} ${reason}. Restore it from a backup; delete it only to begin as a new identity that nobody knows.`);
    this.name = "KeyFileInvalidError";
  }
}

/**
 * The keys of this party, made at first start and kept in {@link KEY_FILE} (mode 0600). Throws PrivateFileExposedError
 * if others may read the file, {@link KeyFileInvalidError} if its keys do not belong together.
 */
export async function loadOrCreateKeys(dataDir: string): Promise<IdentityKeys> {
  const file = join(dataDir, KEY_FILE);
  const known = await readPrivateFile(file);
  if (known !== undefined) return parseKeys(file, known);
  await createPrivateFile(file, `${JSON.stringify(await generateIdentity(), undefined, 2)}\n`);
  // Read back: another process may have been first.
  const stored = await readPrivateFile(file);
  if (stored === undefined) throw new KeyFileInvalidError(file, "vanished after it was written");
  return parseKeys(file, stored);
}

async function parseKeys(file: string, text: string): Promise<IdentityKeys> {
  const value = asRecord(parseJson(file, text));
  const signing = await parsePair(file, "signing", "Ed25519", value["signing"]);
  const encryption = await parsePair(file, "encryption", "X25519", value["encryption"]);
  const fingerprint = value["fingerprint"];
  if (typeof fingerprint !== "string" || !/^[\w-]{43}$/.test(fingerprint)) {
    throw new KeyFileInvalidError(file, "holds no fingerprint");
  }
  return { signing, encryption, fingerprint };
}

async function parsePair(file: string, name: string, crv: PublicJwk["crv"], value: unknown): Promise<IdentityKeyPair> {
  const pair = asRecord(value);
  const secret = asRecord(pair["privateJwk"]);
  const d = secret["d"];
  const publicJwk = parsePublic(file, name, crv, pair["publicJwk"]);
  if (typeof d !== "string" || derivedX(crv, publicJwk.x, d) !== publicJwk.x || secret["x"] !== publicJwk.x) {
    throw new KeyFileInvalidError(file, `holds a private ${name} key that does not belong to the public one`);
  }
  if (pair["kid"] !== (await thumbprint(publicJwk))) {
    throw new KeyFileInvalidError(file, `names another thumbprint than that of its ${name} key`);
  }
  return { publicJwk, privateJwk: { ...publicJwk, d }, kid: pair["kid"] };
}

function parsePublic(file: string, name: string, crv: PublicJwk["crv"], value: unknown): PublicJwk {
  try {
    return parsePublicJwk(value, crv, `the public ${name} key`);
  } catch (error) {
    throw new KeyFileInvalidError(file, `is damaged: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

/** The public half that belongs to `d`; undefined if `d` is no private key. */
function derivedX(crv: string, x: string, d: string): string | undefined {
  try {
    const secret = createPrivateKey({ key: { kty: "OKP", crv, x, d }, format: "jwk" });
    return createPublicKey(secret).export({ format: "jwk" }).x;
  } catch {
    return undefined; // OpenSSL says only that it is not a key, which is what undefined tells.
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KeyFileInvalidError(file, text.trim() === "" ? "is empty" : "is not JSON");
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
