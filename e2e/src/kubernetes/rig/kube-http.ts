import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { type Agent, request } from "node:https";
import { createInterface } from "node:readline";
import { KubeStatusError } from "./kube-status.error.js";

/** A server and who calls it. */
export interface Target {
  readonly server: URL;
  readonly agent: Agent;
  readonly headers: OutgoingHttpHeaders;
}

const CALL_TIMEOUT_MS = 15_000;

/** One call; the answer as JSON, or as text where it is none. Throws {@link KubeStatusError} unless it is a success. */
export async function exchange(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
  contentType = "application/json",
): Promise<unknown> {
  const response = await open(target, { method, path, body, contentType, timeoutMs: CALL_TIMEOUT_MS });
  return parsed(response, await bodyOf(response));
}

/** Gives the lines of an answer to `onLine` as they come, until the server ends it, the signal aborts or `onLine` throws. */
export async function stream(
  target: Target,
  path: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await open(target, { method: "GET", path, signal });
  if (response.statusCode !== 200) {
    parsed(response, await bodyOf(response));
    return;
  }
  try {
    for await (const line of createInterface({ input: response })) if (!signal.aborted) onLine(line);
  } finally {
    response.destroy();
  }
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

function open(target: Target, call: Call): Promise<IncomingMessage> {
  const text = call.body === undefined ? undefined : JSON.stringify(call.body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: target.server.hostname,
        port: target.server.port,
        path: call.path,
        method: call.method,
        agent: target.agent,
        headers: {
          accept: "application/json",
          ...target.headers,
          ...(text === undefined
            ? {}
            : { "content-type": call.contentType, "content-length": Buffer.byteLength(text) }),
        },
        ...(call.timeoutMs === undefined ? {} : { timeout: call.timeoutMs }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      },
      resolve,
    );
    outgoing.once("timeout", () =>
      outgoing.destroy(Object.assign(new Error(`no answer to ${call.method} ${call.path}`), { code: "ETIMEDOUT" })),
    );
    outgoing.once("error", reject);
    outgoing.end(text);
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parsed(response: IncomingMessage, text: string): unknown {
  const isJson = response.headers["content-type"]?.startsWith("application/json") === true;
  const value: unknown = isJson && text !== "" ? JSON.parse(text) : text;
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return value;
  throw KubeStatusError.from(isJson ? value : { message: text }, status);
}
