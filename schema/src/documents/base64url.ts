import { CatalogError } from "../errors.js";

const ALPHABET = /^[A-Za-z0-9_-]*$/;
const CHUNK = 0x8000;

/** Base64url of `bytes` without padding (RFC 4648 §5). */
export function encode(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The bytes that `text` stands for, if it is the one canonical base64url form of them: no padding, no white space, no
 * spare bits. Throws {@link CatalogError} DOCUMENT_INVALID otherwise.
 */
export function decodeCanonical(text: string): Uint8Array<ArrayBuffer> {
  if (!ALPHABET.test(text) || text.length % 4 === 1) throw notCanonical(text);
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  // The last character may carry bits that no byte uses; only the form with those bits zero is canonical.
  const spare = text.length % 4;
  if (spare !== 0 && encode(bytes.subarray(bytes.length - (spare - 1))) !== text.slice(text.length - spare))
    throw notCanonical(text);
  return bytes;
}

/** Whether `text` is canonical base64url of exactly `length` bytes. */
export function isBase64urlOf(text: unknown, length: number): text is string {
  const characters = Math.ceil((length * 4) / 3);
  return isBase64url(text, characters, characters);
}

/** Whether `text` is canonical base64url of `min` to `max` characters. */
export function isBase64url(text: unknown, min: number, max: number): text is string {
  if (typeof text !== "string" || text.length < min || text.length > max) return false;
  try {
    decodeCanonical(text);
    return true;
  } catch {
    return false; // not canonical: the question is answered
  }
}

/** Base64url of the SHA-256 of `input`; a string is hashed as UTF-8. 43 characters. */
export async function sha256Base64url(input: Uint8Array | string): Promise<string> {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : new Uint8Array(input);
  return encode(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** Does not show the text: it may be what a decryption brought to light. */
function notCanonical(text: string): CatalogError {
  const message = `a text of ${text.length} characters is not canonical base64url (no padding, no white space, no spare bits)`;
  return new CatalogError("DOCUMENT_INVALID", message);
}
