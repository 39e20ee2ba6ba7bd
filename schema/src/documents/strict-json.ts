import { CatalogError } from "../errors.js";
import { isObject } from "../field-checks.js";

/** Deepest nesting that a document may have; the documents of the protocol need less than ten. */
const MAX_DEPTH = 32;
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]/gs;
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** A JSON object of which nothing but that is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON object in `bytes` (UTF-8 without a byte order mark). Two readers must never see two different objects in the
 * same bytes, so a duplicate member name is refused; so are a member named `__proto__`, a string with U+0000 or a lone
 * surrogate, and nesting deeper than 32. Throws {@link CatalogError} DOCUMENT_INVALID; `subject` begins its message.
 */
export function parseStrictObject(bytes: Uint8Array, subject: string): JsonObject {
  const text = decodeUtf8(bytes, subject);
  const value = parseJson(text, subject);
  if (!isObject(value)) throw refused(subject, "is not a JSON object");
  checkMembers(text, subject);
  return value;
}

/** `value` as JSON for a message, cut after 80 characters: what others send may be long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** {@link parseStrictObject} of a string. */
export function parseStrictText(text: string, subject: string): JsonObject {
  return parseStrictObject(new TextEncoder().encode(text), subject);
}

function decodeUtf8(bytes: Uint8Array, subject: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused(subject, "is not UTF-8");
  }
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused(subject, "is not JSON");
  }
}

/** Walks the tokens of valid JSON: only strings and punctuation matter for names and nesting. */
function checkMembers(text: string, subject: string): void {
  const open: (Set<string> | null)[] = [];
  let name: string | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":" && name !== undefined) addName(open.at(-1), name, subject);
    else if (token.startsWith('"')) name = readString(token, subject);
    if (open.length > MAX_DEPTH) throw refused(subject, `is nested deeper than ${MAX_DEPTH}`);
  }
}

function addName(names: Set<string> | null | undefined, name: string, subject: string): void {
  if (names?.has(name) === true) throw refused(subject, `has the member ${shown(name)} twice`);
  if (name === "__proto__") throw refused(subject, "has a member named __proto__");
  names?.add(name);
}

function readString(token: string, subject: string): string {
  const value = JSON.parse(token) as string;
  if (UNSTORABLE.test(value)) throw refused(subject, "has a string with U+0000 or a lone surrogate");
  return value;
}

function refused(subject: string, reason: string): CatalogError {
  return new CatalogError("DOCUMENT_INVALID", `${subject} ${reason}`);
}
