import { createClient, type Client } from "graphql-ws";
import { WebSocket } from "ws";

/** What a server answered instead of data. */
export class GraphqlAnswerError extends Error {
  override readonly name = "GraphqlAnswerError";
  constructor(
    message: string,
    /** `extensions.code` of the first error, or the HTTP status where there is none. */
    readonly code: string,
  ) {
    super(`${code}: ${message}`);
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A plain GraphQL client over HTTP and WebSocket, as a script would use it: a URL and, if any, a token. */
export class GraphqlClient {
  constructor(
    /** Without a path, e.g. `http://localhost:8000`. */
    readonly baseUrl: string,
    private readonly token?: string,
  ) {}

  /** Runs a query or mutation. Throws {@link GraphqlAnswerError} if the answer has errors, TypeError if there is none. */
  async request<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.baseUrl}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as Answer<T>;
    const [error] = answer.errors ?? [];
    if (error) throw new GraphqlAnswerError(error.message, error.extensions?.code ?? String(response.status));
    if (!answer.data) throw new GraphqlAnswerError("no data", String(response.status));
    return answer.data;
  }

  /** A stock graphql-ws client of the same server, which reconnects by itself. */
  socket(): Client {
    return createClient({
      url: `${this.baseUrl.replace(/^http/, "ws")}/graphql`,
      webSocketImpl: WebSocket,
      ...(this.token === undefined ? {} : { connectionParams: { authorization: `Bearer ${this.token}` } }),
    });
  }
}
