import { graphqlUrl } from "@catalog/schema/endpoint";
import { CatalogError } from "@catalog/schema/errors";
import { DESCRIPTOR, type DescriptorResult } from "@catalog/schema/operations";
import type { SafeFetch } from "@catalog/server/outgoing/safe-fetch";

import type { DescriptorFetcher } from "../services/probe.service.js";

/** Fetches descriptors from contract endpoints under the rules for addresses that others announced. */
export class SafeDescriptorFetcher implements DescriptorFetcher {
  constructor(private readonly outgoing: Pick<SafeFetch, "postJson">) {}

  /** The descriptor at `endpoint`, not verified. Throws ENDPOINT_REFUSED or PEER_UNREACHABLE. */
  async fetchDescriptor(endpoint: string, tlsSpki: string | null): Promise<string> {
    const body = new TextEncoder().encode(JSON.stringify({ query: DESCRIPTOR }));
    const { body: text } = await this.outgoing.postJson(graphqlUrl(endpoint), {
      body,
      ...(tlsSpki === null ? {} : { pinnedSpki: tlsSpki }),
    });
    const descriptor = descriptorIn(text);
    if (descriptor === undefined)
      throw new CatalogError("PEER_UNREACHABLE", "The contract endpoint did not answer with a descriptor.");
    return descriptor;
  }
}

function descriptorIn(text: string): string | undefined {
  try {
    const answer = JSON.parse(text) as { readonly data?: Partial<DescriptorResult> | null } | null;
    const descriptor = answer?.data?.descriptor;
    return typeof descriptor === "string" ? descriptor : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
