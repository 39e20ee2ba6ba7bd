import { CatalogError, isErrorCode } from "@catalog/schema/errors";
import type { PostAnswer } from "./safe-fetch.js";

/**
 * The `data` of a peer's answer. Throws CatalogError with the peer's code and details if it refused; PEER_UNREACHABLE,
 * which is transient, for whatever is not GraphQL JSON with one of our codes, and for a wrong audience: then somebody
 * else answered.
 */
export function dataOf(answer: PostAnswer, origin: string): unknown {
  const parsed = parseObject(answer.body);
  const errors = parsed?.["errors"];
  if (Array.isArray(errors) && errors.length > 0) throw refusalOf(errors[0], origin);
  const data = parsed?.["data"];
  if (answer.status !== 200 || !isObject(data)) {
    throw new CatalogError(
      "PEER_UNREACHABLE",
      `${origin} answered with status ${answer.status} and no GraphQL data (${answer.contentType.slice(0, 60)})`,
    );
  }
  return data;
}

function refusalOf(error: unknown, origin: string): CatalogError {
  const { message, extensions } = isObject(error) ? error : {};
  const { code, details } = isObject(extensions) ? extensions : {};
  const text = typeof message === "string" ? printable(message) : "no message";
  if (typeof code !== "string" || !isErrorCode(code) || code === "PROOF_AUDIENCE_MISMATCH") {
    return new CatalogError("PEER_UNREACHABLE", `${origin} gave an answer that does not count: ${text}`);
  }
  return new CatalogError(code, text, isObject(details) ? details : undefined);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // A proxy's page: not JSON, therefore no answer that counts.
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A foreign text, short and without control characters, fit for a log or a page. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 500);
}
