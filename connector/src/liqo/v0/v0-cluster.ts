import type { ClusterParameters } from "@catalog/schema/catalog";
import type { ClusterDriver, ClusterSafety } from "../../services/ports.js";
import type { ClusterCapacity } from "../capacity/cluster-capacity.js";
import { readCapacity } from "../capacity/read-capacity.js";
import { FOREIGN_CLUSTER } from "../forge/foreign-cluster.js";
import type { KubeApi } from "../kube/kube-api.js";
import { KubeKindMissingError } from "../kube/kube.errors.js";
import { viewOf } from "./foreign-cluster-view.js";
import type { OwnClusterReader } from "./own-cluster.js";

/** A cluster with Liqo 0.7 to 0.10, as contracts need to know it. */
export class V0Cluster implements ClusterDriver {
  readonly releasesAtOnce = false;
  private last: ClusterParameters | undefined;

  constructor(
    readonly mode: "v0.8" | "v0.9",
    private readonly version: string | null,
    private readonly own: OwnClusterReader,
    private readonly kube: KubeApi,
  ) {}

  /** What was read last while the API server is away, so that contracts go on. @throws UNAVAILABLE before the first time. */
  async parameters(): Promise<ClusterParameters> {
    try {
      this.last = await this.own.parameters();
    } catch (error) {
      if (this.last === undefined) throw error;
    }
    return this.last;
  }

  liqo(): { readonly mode: string; readonly version: string | null } {
    return { mode: this.mode, version: this.version };
  }

  /** The peering's own report says when the resources are back. */
  async reclaim(): Promise<boolean> {
    return false;
  }

  async existingPeers(): Promise<readonly string[]> {
    try {
      const foreign = await this.kube.list(FOREIGN_CLUSTER);
      return foreign.map((object) => viewOf(object).clusterID).filter((clusterID) => clusterID !== "");
    } catch (error) {
      if (error instanceof KubeKindMissingError) return [];
      throw error;
    }
  }

  /** Who has no contract is answered with zeros; that needs no policy. */
  safety(): ClusterSafety {
    return { isSellingAllowed: true, risks: [] };
  }

  capacity(): Promise<ClusterCapacity> {
    return readCapacity(this.kube);
  }
}
