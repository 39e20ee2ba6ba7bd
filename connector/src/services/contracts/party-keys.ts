import type { PartyKeyOf } from "@catalog/schema/documents/contract-document";
import { type PublicJwk, thumbprint } from "@catalog/schema/documents/keys";

/** Finds a key among those that are known of one party; a signature by any other key is refused. */
export function oneOf(...keys: readonly PublicJwk[]): PartyKeyOf {
  return async (kid) => {
    for (const key of keys) {
      if ((await thumbprint(key)) === kid) return key;
    }
    return undefined;
  };
}
