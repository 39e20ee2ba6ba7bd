import type { AdminApi } from "./api/admin-api.js";
import { KNOWN_CLUSTERS } from "./api/documents.js";
import { allPages } from "./api/pages.js";

/** The descriptors that a Connector has pinned. @param fingerprints whose; all unless given. */
export async function pinnedDescriptors(api: AdminApi, fingerprints?: readonly string[]): Promise<readonly string[]> {
  const known = await allPages(
    async (page) => (await api.request(KNOWN_CLUSTERS, page)).knownClusters,
    ({ fingerprint }) => fingerprint,
  );
  return known
    .filter(({ fingerprint }) => fingerprints?.includes(fingerprint) ?? true)
    .map(({ descriptor }) => descriptor);
}
