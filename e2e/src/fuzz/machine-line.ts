import { graphqlUrl } from "@catalog/schema/endpoint";
import { graphqlAnswer, type PlainAnswer, sendPlain } from "./plain-http.js";
import type { Stranger } from "./stranger.js";

/** The other side refused. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** How one stranger talks to one Broker or Connector: POST with a request proof, nothing else. */
export class MachineLine {
  readonly url: string;
  readonly path: string;

  constructor(
    readonly stranger: Stranger,
    endpoint: string,
    /** Fingerprint of whoever listens at `endpoint`. */
    readonly audience: string,
  ) {
    this.url = graphqlUrl(endpoint);
    this.path = new URL(this.url).pathname;
  }

  /** The headers that prove a request with this body. */
  headers(body: string | Uint8Array, proof = this.proofFor(body)): { readonly authorization: string } {
    return { authorization: `Catalog ${proof}` };
  }

  proofFor(body: string | Uint8Array): string {
    return this.stranger.proof({ aud: this.audience, path: this.path, body });
  }

  /** Sends `body` with a fresh proof. */
  send(body: string, headers: Record<string, string> = {}): Promise<PlainAnswer> {
    return sendPlain(this.url, { body, headers: { ...this.headers(body), ...headers } });
  }

  /** Runs an operation with a proof. Throws {@link RefusedError}. */
  async call<T>(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<T> {
    return dataOf<T>(await this.send(JSON.stringify({ query, variables }), headers));
  }
}

/** Runs an operation without saying who asks. Throws {@link RefusedError}. */
export async function ask<T>(endpoint: string, query: string, variables: object = {}): Promise<T> {
  return dataOf<T>(await sendPlain(graphqlUrl(endpoint), { body: JSON.stringify({ query, variables }) }));
}

function dataOf<T>(answer: PlainAnswer): T {
  const { data, errors = [] } = graphqlAnswer(answer);
  const [error] = errors;
  if (error) throw new RefusedError(error.extensions?.code ?? "", error.message);
  if (!data) throw new RefusedError("NO_DATA", answer.text.slice(0, 200));
  return data as T;
}

/** The code with which `work` was refused; "none" where it was not. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
}
