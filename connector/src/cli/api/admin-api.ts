import { isErrorCode, isTransient } from "@catalog/schema/errors";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { CliError } from "../cli-error.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Document } from "./document.js";

/** A request may take so long, in ms: `buy` waits for its outcome, diagnostics for Brokers. */
const PATIENCE_MS = 60_000;

/** What the admin API refused, in its own words. */
export class ApiError extends CliError {
  override readonly name = "ApiError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`, exitCodeOf(code));
  }
}

function exitCodeOf(code: string): ExitCode {
  if (code === "UNAUTHENTICATED" || code === "FORBIDDEN") return EXIT.access;
  return isErrorCode(code) && isTransient(code) ? EXIT.away : EXIT.failed;
}

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: unknown } }[];
}

/** The admin API of a Connector. The token goes into its header and nowhere else. */
export class AdminApi {
  /** Seconds by which the API's clock is ahead of this machine's, to the second, as its last answer said. Null before one. */
  clockOffset: number | null = null;

  constructor(
    readonly url: URL,
    private readonly token: string | undefined,
  ) {}

  /** @throws ApiError with the code of a refusal, CliError where nobody answers. */
  async request<Result, Variables extends object>(
    { text }: Document<Result, Variables>,
    variables: Variables,
  ): Promise<Result> {
    const answer = await this.post<Result>(JSON.stringify({ query: text, variables }));
    const [error] = answer.errors ?? [];
    if (error !== undefined) {
      const code = error.extensions?.code;
      throw new ApiError(typeof code === "string" ? code : "INTERNAL_SERVER_ERROR", error.message);
    }
    if (answer.data === undefined || answer.data === null) throw this.stranger("an answer without data");
    return answer.data;
  }

  /**
   * Hands over what a subscription tells. A connection that cannot be had, or that ends, tells nothing: whoever waits looks for himself too.
   * @returns leaves it.
   */
  subscribe<Result, Variables extends Record<string, unknown>>(
    { text }: Document<Result, Variables>,
    variables: Variables,
    next: (result: Result) => void,
  ): () => void {
    const url = new URL(this.url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const client = createClient({
      url: url.href,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(this.token === undefined ? {} : { connectionParams: { authorization: `Bearer ${this.token}` } }),
    });
    const sink = {
      next: ({ data }: { data?: Result | null }) => {
        if (data !== null && data !== undefined) next(data);
      },
      error: () => undefined,
      complete: () => undefined,
    };
    client.subscribe<Result>({ query: text, variables }, sink);
    return () => void client.dispose();
  }

  private async post<Result>(body: string): Promise<Answer<Result>> {
    const response = await this.fetch(body);
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) this.clockOffset = Math.round((date - Date.now()) / 1000);
    const text = await response.text();
    try {
      return JSON.parse(text) as Answer<Result>;
    } catch {
      throw this.stranger(`status ${response.status} and no GraphQL`);
    }
  }

  private async fetch(body: string): Promise<Response> {
    try {
      return await fetch(this.url, {
        method: "POST",
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: {
          "content-type": "application/json",
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        },
        body,
      });
    } catch (error) {
      throw new CliError(`No Connector answers at ${this.url.href}: ${reasonOf(error)}`, EXIT.away);
    }
  }

  private stranger(what: string): CliError {
    return new CliError(
      `${this.url.href} answered with ${what}: this is not the admin API of a Connector (port 6002, path /graphql).`,
      EXIT.away,
    );
  }
}

const SELF_SIGNED = /SELF_SIGNED|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER/;

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { code?: unknown };
  if (typeof code === "string" && SELF_SIGNED.test(code))
    return "its certificate is self-signed. Set NODE_EXTRA_CA_CERTS to the certificate, tls-cert.pem in its data directory.";
  if (typeof code === "string") return `${code}. Check --url (CATALOG_URL) and that it runs.`;
  return cause instanceof Error ? cause.message : String(cause);
}
