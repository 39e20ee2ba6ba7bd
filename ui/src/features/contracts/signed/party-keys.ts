import { keyChain, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import type { Api } from "../../../lib/graphql/api.ts";
import { KNOWN_DESCRIPTORS, OWN_DESCRIPTOR } from "../documents.ts";

/** The signing keys of parties by fingerprint, each proven by the party's own signed descriptor. */
export class PartyKeys {
  readonly #keys = new Map<string, ReadonlyMap<string, PublicJwk>>();

  /** Takes the keys of a descriptor, once its signature and its chain of keys are proven. @throws CatalogError DOCUMENT_INVALID */
  async learn(descriptor: string): Promise<void> {
    const proven = await verifyDescriptor(descriptor);
    const chain = await keyChain(proven);
    this.#keys.set(proven.iss, new Map(chain.map(({ kid, jwk }) => [kid, jwk])));
  }

  knows(fingerprint: string): boolean {
    return this.#keys.has(fingerprint);
  }

  /** The key `kid` of a party; undefined if it is not one of its. */
  readonly keyOf = (kid: string, fingerprint: string): PublicJwk | undefined => this.#keys.get(fingerprint)?.get(kid);
}

/** Most pages of known clusters that are read to find a descriptor. */
const PAGES = 50;

/** The keys of `fingerprints`, as far as this Connector has a descriptor of them. */
export async function readPartyKeys(api: Pick<Api, "query">, fingerprints: readonly string[]): Promise<PartyKeys> {
  const keys = new PartyKeys();
  const missing = new Set(fingerprints);
  const take = async (fingerprint: string, descriptor: string | null): Promise<void> => {
    if (descriptor === null || !missing.has(fingerprint)) return;
    missing.delete(fingerprint);
    await keys.learn(descriptor);
  };
  const { connector } = await api.query(OWN_DESCRIPTOR, {});
  await take(connector.fingerprint, connector.descriptor);
  let after: string | null = null;
  for (let page = 0; page < PAGES && missing.size > 0; page++) {
    const known: readonly { fingerprint: string; descriptor: string }[] = (
      await api.query(KNOWN_DESCRIPTORS, { after })
    ).knownClusters;
    for (const { fingerprint, descriptor } of known) await take(fingerprint, descriptor);
    after = known.at(-1)?.fingerprint ?? null;
    if (after === null) break;
  }
  return keys;
}
