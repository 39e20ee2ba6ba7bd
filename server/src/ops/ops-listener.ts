import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import type { Logger } from "pino";

/** What a probe found: whether all is well, and a word on each thing that was looked at. */
export interface ProbeReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

export interface OpsListenerOptions {
  readonly host: string;
  /** 0 takes a free port; listen() says which. */
  readonly port: number;
  /** Is this process alive; a false answer asks the platform to restart it. */
  readonly health: () => ProbeReport | Promise<ProbeReport>;
  /** Can it serve requests now; a false answer asks the platform to send them elsewhere. */
  readonly ready: () => ProbeReport | Promise<ProbeReport>;
  readonly registry: Registry;
  readonly log: Logger;
}

export interface OpsListener {
  /** Resolves when it listens. */
  listen(): Promise<AddressInfo>;
  /** Resolves when the port is free. Repeatable. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = "application/json; charset=utf-8";

/** The listener for the platform: `/healthz` and `/readyz` (200 or 503, with a JSON report), `/metrics` (Prometheus). */
export function createOpsListener(options: OpsListenerOptions): OpsListener {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void respond(options, request, response);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  return { listen: () => listen(server, options), close: () => close(server) };
}

async function respond(options: OpsListenerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await answerTo(options, request).catch((error: unknown): Answer => {
    options.log.error({ err: error, url: request.url }, "a probe or the metrics failed");
    return { status: 500, type: JSON_TYPE, body: JSON.stringify({ ok: false }) };
  });
  response.writeHead(answer.status, { "content-type": answer.type, "cache-control": "no-store" });
  response.end(request.method === "HEAD" ? undefined : answer.body);
}

async function answerTo(options: OpsListenerOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "Only GET is answered here.");
  switch (request.url?.split("?")[0] ?? "") {
    case "/healthz":
      return reported(await options.health());
    case "/readyz":
      return reported(await options.ready());
    case "/metrics":
      return { status: 200, type: options.registry.contentType, body: await options.registry.metrics() };
    default:
      return refusal(404, "Here are /healthz, /readyz and /metrics.");
  }
}

function reported(report: ProbeReport): Answer {
  return { status: report.ok ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(report) };
}

function refusal(status: number, message: string): Answer {
  return { status, type: JSON_TYPE, body: JSON.stringify({ message }) };
}

function listen(server: Server, { host, port }: OpsListenerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
