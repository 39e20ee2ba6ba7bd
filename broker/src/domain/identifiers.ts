import { isBase64urlOf } from "@catalog/schema/documents/base64url";
import { InputInvalidError } from "@catalog/schema/problem";

const TOKEN_ID = /^[\w-]{4,64}$/;

/** Whether `text` can be the key fingerprint of anybody: 32 bytes as base64url. */
export function isFingerprint(text: string): boolean {
  return isBase64urlOf(text, 32);
}

/** Throws BAD_USER_INPUT for what cannot be the key fingerprint of anybody. */
export function requireFingerprint(text: string): void {
  if (!isFingerprint(text)) {
    throw new InputInvalidError([
      { path: "fingerprint", message: "must be a key fingerprint: 43 characters of base64url" },
    ]);
  }
}

/** Whether `text` can be the id of a token. */
export function isTokenID(text: string): boolean {
  return TOKEN_ID.test(text);
}
