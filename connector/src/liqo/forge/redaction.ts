const HIDDEN = "[hidden]";

/** A JSON Web Token, as ServiceAccounts have them. */
const JWT = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g;
/** `token: x`, `"token":"x"`, `Bearer x`, `password=x`. */
const NAMED = /(\b(?:token|bearer|password|secret|authorization)"?\s*[:= ]\s*"?)([^\s",;}{]{8,})/gi;
/** Liqo's auth token is 128 hexadecimal characters; nothing that people read is a word of 40 such characters and more. */
const LONG_WORD = /\b(?:[A-Fa-f0-9]{40,}|[A-Za-z0-9+/_-]{64,}={0,2})/g;

/**
 * The text without anything that looks like a credential: Liqo repeats the token of a peer in the conditions of a ForeignCluster.
 * @param secrets exact values to take out wherever they stand.
 */
export function redacted(text: string, ...secrets: readonly (string | null | undefined)[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== null && secret !== undefined && secret.length >= 4) clean = clean.replaceAll(secret, HIDDEN);
  }
  return clean.replaceAll(JWT, HIDDEN).replaceAll(NAMED, `$1${HIDDEN}`).replaceAll(LONG_WORD, HIDDEN);
}
