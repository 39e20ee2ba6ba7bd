import type { Signer } from "@catalog/schema/documents/jws";
import { signProof } from "@catalog/schema/documents/request-proof";
import { CatalogError } from "@catalog/schema/errors";
import { DESCRIPTOR_HEADER } from "../auth/proof-authenticator.js";
import { unixSeconds, type Clock } from "../clock.js";
import { randomId } from "../random.js";
import { ClockOffsets } from "./clock-offsets.js";
import { dataOf } from "./graphql-answer.js";
import type { PinOptions } from "./pinned-agent.js";
import type { PostAnswer, SafeFetch } from "./safe-fetch.js";

/** How one call differs from the usual. */
export interface CallOptions extends PinOptions {
  /** Introduces this party with its descriptor. */
  readonly firstContact?: boolean;
  /** The own admin typed the URL. */
  readonly isPrivateAllowed?: boolean;
  readonly signal?: AbortSignal;
}

/** Calls GraphQL operations of other parties, each call with a proof of its own. */
export class MachineClient {
  private readonly offsets = new ClockOffsets();

  /** @param descriptor this party's own descriptor as it is now, a JWS. */
  constructor(
    private readonly signer: Signer,
    private readonly safeFetch: SafeFetch,
    private readonly clock: Clock,
    private readonly descriptor: () => Promise<string>,
  ) {}

  /**
   * Runs one operation at the endpoint of the party with fingerprint `audience`; returns its `data`. A clock that is off
   * is corrected once, by at most 300 s, and remembered per party.
   * @throws CatalogError with the other party's code; PEER_UNREACHABLE for anything that is no answer of it;
   *   EndpointRefusedError for a URL that may not be called.
   */
  async call<T>(
    endpoint: string,
    audience: string,
    operation: string,
    variables: object,
    options: CallOptions = {},
  ): Promise<T> {
    const url = graphqlUrl(endpoint);
    const body = bodyOf(operation, variables);
    try {
      return dataOf(await this.send(url, audience, body, options), url) as T;
    } catch (error) {
      if (!this.isCorrected(audience, error)) throw error;
      return dataOf(await this.send(url, audience, body, options), url) as T;
    }
  }

  /** Runs one operation that anybody may ask, without a proof. Returns its data and the pin of the certificate shown. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with call, the operation decides the type.
  async ask<T>(
    endpoint: string,
    operation: string,
    variables: object,
    options: CallOptions = {},
  ): Promise<{ data: T; spki: string | undefined }> {
    const url = graphqlUrl(endpoint);
    const answer = await this.safeFetch.postJson(url, { ...options, body: bodyOf(operation, variables) });
    return { data: dataOf(answer, url) as T, spki: answer.spki };
  }

  /** A proof for a WebSocket of the party `audience`, for connection_init. */
  socketProof(audience: string): Promise<string> {
    return this.proof(audience, "GET", "/graphql", new Uint8Array());
  }

  /** Learns a party's clock from a refusal; true if repeating with a new proof can help. */
  isCorrected(audience: string, error: unknown): boolean {
    if (!(error instanceof CatalogError) || error.code !== "CLOCK_SKEW") return false;
    return this.offsets.learn(audience, error.details?.["serverTime"], unixSeconds(this.clock.now()));
  }

  /** Seconds by which a party's clock is ahead of ours, as it told when it refused a proof; 0 if it never did. */
  clockOffset(audience: string): number {
    return this.offsets.of(audience);
  }

  private async send(url: string, audience: string, body: Uint8Array, options: CallOptions): Promise<PostAnswer> {
    const path = URL.canParse(url) ? new URL(url).pathname : ""; // What is no URL is refused when it is called.
    const proof = await this.proof(audience, "POST", path, body);
    const introduction = options.firstContact === true ? { [DESCRIPTOR_HEADER]: await this.descriptor() } : {};
    const headers = { authorization: `Catalog ${proof}`, ...introduction };
    return this.safeFetch.postJson(url, { ...options, headers, body });
  }

  private proof(audience: string, method: string, path: string, body: Uint8Array): Promise<string> {
    const now = unixSeconds(this.clock.now()) + this.offsets.of(audience);
    return signProof(this.signer, { aud: audience, method, path, body, now, jti: randomId(16) });
  }
}

/** The URL of GraphQL at an announced endpoint: an endpoint without a path means `/graphql`. Text that is no URL is left as it is. */
export function graphqlUrl(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint;
  const { pathname } = new URL(endpoint);
  return pathname === "/" ? `${endpoint.replace(/\/+$/, "")}/graphql` : endpoint;
}

function bodyOf(query: string, variables: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ query, variables }));
}
