import type { CatalogCluster } from "@catalog/schema/catalog";
import { type LiqoFacts, type Peerability, peerability } from "../../domain/peerability.js";
import type { ClusterDriver } from "../ports.js";

/** The clusters of the Catalog, by identity. */
export interface ClustersByFingerprint {
  cluster(fingerprint: string): Pick<CatalogCluster, "liqo"> | undefined;
}

/** Whether this cluster and others can peer, before anything is bought. */
export class PeerableService {
  constructor(
    private readonly driver: Pick<ClusterDriver, "liqo">,
    private readonly clusters: ClustersByFingerprint,
  ) {}

  with(other: LiqoFacts): Peerability {
    return peerability(this.driver.liqo(), other);
  }

  /** A cluster that the Catalog does not list any more says nothing of its Liqo. */
  withCluster(fingerprint: string): Peerability {
    return this.with(this.clusters.cluster(fingerprint)?.liqo ?? { mode: "unknown", version: null });
  }
}
