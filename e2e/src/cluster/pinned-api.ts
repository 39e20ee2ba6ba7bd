import { createPrivateKey, createPublicKey } from "node:crypto";
import { Agent, request } from "node:https";
import type { TLSSocket } from "node:tls";
import { GraphqlAnswerError, GraphqlClient } from "../harness/graphql-client.js";

const PATIENCE_MS = 15_000;

/** A GraphQL client of a server whose certificate it made itself: whoever shows another key is not that server. */
export class PinnedApi extends GraphqlClient {
  // Each request has a connection of its own, as from clients that come anew; a session that is resumed would show no certificate.
  readonly #agent = new Agent({ keepAlive: false, rejectUnauthorized: false, maxCachedSessions: 0 });
  readonly #key: string;

  /**
   * @param baseUrl without a path.
   * @param adminToken of that server.
   * @param tlsKey PEM of its private key, as its identity Secret holds it.
   */
  constructor(
    baseUrl: string,
    private readonly adminToken: string,
    tlsKey: string,
  ) {
    super(baseUrl, adminToken);
    this.#key = fingerprintOf(createPublicKey(createPrivateKey(tlsKey)));
  }

  override async request<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { status, body } = await this.#post(JSON.stringify({ query, variables }));
    const answer = JSON.parse(body) as {
      readonly data?: T | null;
      readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
    };
    const [error] = answer.errors ?? [];
    if (error) throw new GraphqlAnswerError(error.message, error.extensions?.code ?? String(status));
    if (!answer.data) throw new GraphqlAnswerError("no data", String(status));
    return answer.data;
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(text: string): Promise<{ status: number; body: string }> {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      authorization: `Bearer ${this.adminToken}`,
    };
    return new Promise((resolve, reject) => {
      const options = { method: "POST", agent: this.#agent, headers, timeout: PATIENCE_MS };
      const outgoing = request(new URL("/graphql", this.baseUrl), options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      });
      outgoing.once("timeout", () => outgoing.destroy(new Error(`${this.baseUrl} did not answer`)));
      outgoing.once("error", reject);
      outgoing.once("socket", (socket) => {
        const tls = socket as TLSSocket;
        tls.once("secureConnect", () => {
          const certificate = tls.getPeerX509Certificate();
          if (certificate !== undefined && fingerprintOf(certificate.publicKey) === this.#key) outgoing.end(text);
          else outgoing.destroy(new Error(`${this.baseUrl} shows another key than the one that is pinned`));
        });
      });
    });
  }
}

function fingerprintOf(key: ReturnType<typeof createPublicKey>): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}
