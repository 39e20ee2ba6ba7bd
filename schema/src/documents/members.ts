import { CatalogError, type ErrorCode } from "../errors.js";
import { idProblems, isObject, LAYOUT, nameProblems, textProblems } from "../field-checks.js";
import type { Problem } from "../problem.js";
import { isBase64url, isBase64urlOf } from "./base64url.js";
import { parsePublicJwk, type PublicJwk } from "./keys.js";
import { shown, type JsonObject } from "./strict-json.js";

const CLUSTER_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Reads the members of a payload and refuses the first that is missing, of another type or out of bounds, with a
 * {@link CatalogError} that names it. Members that nobody reads are ignored.
 */
export class Members {
  constructor(
    private readonly subject: string,
    private readonly source: JsonObject,
    private readonly code: ErrorCode = "DOCUMENT_INVALID",
  ) {}

  has(name: string): boolean {
    return Object.hasOwn(this.source, name) && this.source[name] !== undefined;
  }

  /** One line of text of 1 to `max` characters (code points), not blank, without control characters. */
  line(name: string, max: number): string {
    return this.without(name, (value, path) => nameProblems(value, path, max));
  }

  /** Free text of at most `max` characters (code points); line ends and tabs are allowed. */
  text(name: string, max: number): string {
    return this.without(name, (value, path) => textProblems(value, path, max, LAYOUT));
  }

  /** An integer between `min` and `max`, by default any that a JSON number holds exactly. */
  integer(name: string, min = 0, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max) {
      throw this.refuse(name, `must be an integer from ${min} to ${max}`);
    }
    return value;
  }

  /** A finite number of at least 0; what it may be beyond that is the reader's to know. */
  amount(name: string): number {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
      throw this.refuse(name, "must be a number of at least 0");
    return value;
  }

  /** A key's thumbprint or a SHA-256: 32 bytes as base64url. */
  hash(name: string): string {
    return this.bytes(name, 32);
  }

  /** Canonical base64url of exactly `length` bytes. */
  bytes(name: string, length: number): string {
    const value = this.take(name);
    if (!isBase64urlOf(value, length)) throw this.refuse(name, `must be ${length} bytes as canonical base64url`);
    return value;
  }

  /** Canonical base64url of `minChars` to `maxChars` characters, of any content. */
  opaque(name: string, minChars: number, maxChars: number): string {
    const value = this.take(name);
    if (isBase64url(value, minChars, maxChars)) return value;
    throw this.refuse(name, `must be ${minChars} to ${maxChars} characters of canonical base64url`);
  }

  /** A name that Liqo gives a cluster: letters, digits, `.`, `_`, `-`; at most 253. */
  clusterID(name: string): string {
    return this.matching(name, CLUSTER_ID, "must be a cluster id: letters, digits, '.', '_' and '-', at most 253");
  }

  /** The id of an offer or a plan. */
  id(name: string): string {
    return this.without(name, idProblems);
  }

  /** A UUID in lower case. */
  uuid(name: string): string {
    return this.matching(name, UUID, "must be a UUID in lower case");
  }

  matching(name: string, pattern: RegExp, requirement: string): string {
    const value = this.take(name);
    if (typeof value !== "string" || !pattern.test(value)) throw this.refuse(name, requirement);
    return value;
  }

  /** An http or https address of at most 2,048 characters without user, query or fragment. */
  address(name: string): string {
    const value = this.take(name);
    if (!isAddress(value))
      throw this.refuse(name, "must be an http(s) address of at most 2048 characters without user, query or fragment");
    return value;
  }

  flag(name: string): boolean {
    const value = this.take(name);
    if (typeof value !== "boolean") throw this.refuse(name, "must be true or false");
    return value;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.take(name);
    const found = values.find((one) => one === value);
    if (found === undefined) throw this.refuse(name, `must be one of ${values.join(", ")}`);
    return found;
  }

  publicKey(name: string, crv: PublicJwk["crv"]): PublicJwk {
    return parsePublicJwk(this.take(name), crv, `${this.subject}: ${name}`);
  }

  object(name: string): JsonObject {
    const value = this.take(name);
    if (!isObject(value)) throw this.refuse(name, "must be an object");
    return value;
  }

  /** The members of the object `name`. */
  nested(name: string): Members {
    return new Members(`${this.subject}: ${name}`, this.object(name), this.code);
  }

  list(name: string, max: number): readonly unknown[] {
    const value = this.take(name);
    if (!Array.isArray(value) || value.length > max) throw this.refuse(name, `must be a list of at most ${max}`);
    return value as readonly unknown[];
  }

  /** `read(name)` where the member is present; undefined where it is absent. A null is not an absence. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read(name) : undefined;
  }

  /** `read(name)`, or null where the member is null; it must be present. */
  nullable<T>(name: string, read: (name: string) => T): T | null {
    return this.source[name] === null ? null : read(name);
  }

  /** Refuses unless `name` is exactly `expected`. */
  equal(name: string, expected: string | number | boolean, meaning: string): void {
    if (this.source[name] !== expected)
      throw this.refuse(name, `must be ${meaning} (${shown(expected)}), not ${shown(this.source[name])}`);
  }

  refuse(name: string, requirement: string): CatalogError {
    return new CatalogError(this.code, `${this.subject}: ${name} ${requirement}`);
  }

  /** The text `name`, if `problemsOf` finds none in it. */
  private without(name: string, problemsOf: (value: unknown, path: string) => Problem[]): string {
    const value = this.take(name);
    const [problem] = problemsOf(value, name);
    if (problem !== undefined) throw this.refuse(name, problem.message);
    return value as string;
  }

  private take(name: string): unknown {
    if (!this.has(name)) throw this.refuse(name, "is missing");
    return this.source[name];
  }
}

/** Whether `value` is an http(s) address of at most 2,048 characters without user, query or fragment. */
export function isAddress(value: unknown): value is string {
  if (typeof value !== "string" || value.length > 2048 || !/^https?:\/\/[^\s?#@\\]+$/.test(value)) return false;
  return URL.canParse(value);
}
