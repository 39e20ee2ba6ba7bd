import type { ClusterParameters } from "@catalog/schema/catalog";
import type { NodePool } from "../../domain/node-pools.js";
import type { ClusterDriver, ClusterSafety } from "../../services/ports.js";
import { readCapacity } from "../capacity/read-capacity.js";
import { FOREIGN_CLUSTER } from "../forge/foreign-cluster.js";
import type { KubeApi } from "../kube/kube-api.js";
import { KubeKindMissingError } from "../kube/kube.errors.js";
import { readLiqoVersion } from "../kube/liqo-installation.js";
import { viewOf } from "./foreign-cluster-view.js";
import type { OwnClusterReader } from "./own-cluster.js";

/** Which Liqo is looked at, and what is known beforehand. */
export interface V0ClusterSettings {
  readonly liqoNamespace: string;
  /** The version of Liqo, where the admin names it; null: it is read from the cluster, time and again. */
  readonly version: string | null;
  /** Label that names the pool of a node, beside the well-known ones. */
  readonly nodePoolLabel: string | null;
}

/** A cluster with Liqo 0.7 to 0.10, as contracts need to know it. */
export class V0Cluster implements ClusterDriver {
  readonly releasesAtOnce = false;
  private last: ClusterParameters | undefined;

  private version: string | null;

  constructor(
    readonly mode: "v0.8" | "v0.9",
    private readonly settings: V0ClusterSettings,
    private readonly own: OwnClusterReader,
    private readonly kube: KubeApi,
  ) {
    this.version = settings.version;
  }

  /** What was read last while the API server is away, so that contracts go on. @throws UNAVAILABLE before the first time. */
  async parameters(): Promise<ClusterParameters> {
    try {
      this.last = await this.own.parameters();
      this.version = this.settings.version ?? (await readLiqoVersion(this.kube, this.settings.liqoNamespace));
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

  capacity(): Promise<readonly NodePool[]> {
    return readCapacity(this.kube, this.settings.nodePoolLabel);
  }
}
