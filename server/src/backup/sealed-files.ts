import { CompactEncrypt, compactDecrypt, errors } from "jose";

/** Rounds of PBKDF2 with SHA-512: what OWASP asks for is 210,000. */
const ROUNDS = 600_000;
const SHORTEST = 12;

/** A passphrase that is too short, or not the one that something was sealed with. */
export class PassphraseError extends Error {
  override readonly name = "PassphraseError";
}

/**
 * Seals files with a passphrase: a compact JWE, PBES2-HS512+A256KW (RFC 7518 §4.8) and A256GCM, of the JSON of their names and texts.
 * @throws PassphraseError for one that is shorter than 12 characters.
 */
export async function sealFiles(files: Readonly<Record<string, string>>, passphrase: string): Promise<string> {
  if (passphrase.length < SHORTEST)
    throw new PassphraseError(
      `The passphrase must have ${SHORTEST} characters or more: whoever guesses it is this cluster.`,
    );
  return new CompactEncrypt(bytes(JSON.stringify(files)))
    .setProtectedHeader({ alg: "PBES2-HS512+A256KW", enc: "A256GCM", p2c: ROUNDS })
    .encrypt(bytes(passphrase));
}

/** What was sealed. @throws PassphraseError where the passphrase is another one, or the text was tampered with. */
export async function openFiles(sealed: string, passphrase: string): Promise<Readonly<Record<string, string>>> {
  try {
    const { plaintext } = await compactDecrypt(sealed, bytes(passphrase), {
      keyManagementAlgorithms: ["PBES2-HS512+A256KW"],
      contentEncryptionAlgorithms: ["A256GCM"],
      maxPBES2Count: ROUNDS,
    });
    return JSON.parse(new TextDecoder().decode(plaintext)) as Readonly<Record<string, string>>;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw new PassphraseError("The identity does not open: the passphrase is another one, or the backup is damaged.");
    throw error;
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
