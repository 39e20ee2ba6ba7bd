import { Agent, request } from "node:http";
import { expect } from "vitest";
import { ERROR_CODES, isErrorCode } from "@catalog/schema/errors";

/** One answer, as it came. */
export interface PlainAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface PlainRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly definitive?: boolean; readonly details?: unknown };
}
interface GraphqlAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphqlError[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Sends exactly these bytes and headers; nothing is added but what HTTP needs. */
export function sendPlain(
  url: string,
  { method = "POST", headers = {}, body = "" }: PlainRequest,
): Promise<PlainAnswer> {
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        agent,
        timeout: 20_000,
        headers: {
          ...(method === "GET" || method === "HEAD"
            ? {}
            : { "content-type": "application/json", "content-length": bytes.length }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.once("error", reject);
        incoming.once("end", () =>
          resolve({
            status: incoming.statusCode ?? 0,
            type: incoming.headers["content-type"] ?? "",
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    outgoing.once("timeout", () => outgoing.destroy(new Error(`no answer from ${url} within 20 s`)));
    outgoing.once("error", reject);
    outgoing.end(method === "GET" || method === "HEAD" ? undefined : bytes);
  });
}

/** What no answer may show: a stack, SQL, a page, a path of this machine. */
const LEAKS =
  /node_modules|\bat [\w.<>]+ \(|file:\/\/|\.(?:ts|js):\d+|\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|duplicate key value|violates|syntax error at|invalid input syntax|<html|<!doctype|ECONNREFUSED|\/(?:work|home|root|tmp)\//i;

/** An answer as GraphQL JSON. Fails if it is anything else, tells what nobody may know, or hides a bug behind a 500. */
export function graphqlAnswer(answer: PlainAnswer): GraphqlAnswer {
  const shown = `${answer.status} ${answer.type}: ${answer.text.slice(0, 600)}`;
  expect(answer.type, shown).toMatch(/^application\/(?:graphql-response\+)?json/);
  expect(answer.text, shown).not.toMatch(LEAKS);
  expect([500, 502, 504], shown).not.toContain(answer.status);
  const parsed = JSON.parse(answer.text) as GraphqlAnswer;
  for (const error of parsed.errors ?? []) {
    const { code, definitive } = error.extensions ?? {};
    expect(error.message.length, shown).toBeGreaterThan(0);
    if (code === undefined || !isErrorCode(code)) throw new Error(`the code is not one of the list: ${shown}`);
    expect(code, shown).not.toBe("INTERNAL_SERVER_ERROR");
    expect(definitive, shown).toBe(ERROR_CODES[code].definitive);
  }
  return parsed;
}

/** The code of the first error; "none" where the request was carried out. */
export function codeIn(answer: PlainAnswer): string {
  return graphqlAnswer(answer).errors?.[0]?.extensions?.code ?? "none";
}
