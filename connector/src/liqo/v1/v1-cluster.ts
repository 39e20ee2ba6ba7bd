import type { ClusterParameters } from "@catalog/schema/catalog";
import { CatalogError } from "@catalog/schema/errors";
import type { NodePool } from "../../domain/node-pools.js";
import type { ClusterDriver, ClusterSafety } from "../../services/ports.js";
import { readCapacity } from "../capacity/read-capacity.js";
import type { KubeApi } from "../kube/kube-api.js";
import { KubeKindMissingError } from "../kube/kube.errors.js";
import { readLiqoIdentity, readLiqoVersion } from "../kube/liqo-installation.js";
import { readLiqoKeys } from "./liqo-keys.js";
import { fieldsOf } from "./stages.js";

/** What was read of Liqo last. */
interface OwnLiqo {
  readonly parameters: ClusterParameters;
  readonly version: string | null;
  readonly publicKey: string;
}

/** Which Liqo is looked at, and what is known beforehand. */
export interface V1ClusterSettings {
  readonly liqoNamespace: string;
  /** The version of Liqo, where the admin names it; null: it is read from the cluster. */
  readonly version: string | null;
  /** Label that names the pool of a node, beside the well-known ones. */
  readonly nodePoolLabel: string | null;
}

/** A cluster with Liqo 1.x, as contracts need to know it. */
export class V1Cluster implements ClusterDriver {
  readonly mode = "v1";
  readonly releasesAtOnce = false;
  private last: OwnLiqo | undefined;

  constructor(
    private readonly kube: KubeApi,
    private readonly settings: V1ClusterSettings,
    private readonly guard: { safety(): ClusterSafety },
  ) {}

  /** What was read last while the API server is away, so that contracts go on. @throws UNAVAILABLE before the first time. */
  async parameters(): Promise<ClusterParameters> {
    try {
      this.last = await this.read();
    } catch (error) {
      if (this.last === undefined) throw error;
    }
    return this.last.parameters;
  }

  /** The key is that of the last `parameters`. */
  liqo(): { readonly mode: string; readonly version: string | null; readonly publicKey?: string } {
    const { mode, last } = this;
    if (last === undefined) return { mode, version: this.settings.version };
    return { mode, version: last.version, publicKey: last.publicKey };
  }

  safety(): ClusterSafety {
    return this.guard.safety();
  }

  /** The peering's own report says when the resources are back. */
  async reclaim(): Promise<boolean> {
    return false;
  }

  async existingPeers(): Promise<readonly string[]> {
    try {
      const foreign = await this.kube.list({ apiVersion: "core.liqo.io/v1beta1", kind: "ForeignCluster" });
      const ids = foreign.map(({ spec }) => fieldsOf(spec)["clusterID"]);
      return ids.filter((id): id is string => typeof id === "string" && id !== "");
    } catch (error) {
      if (error instanceof KubeKindMissingError) return [];
      throw error;
    }
  }

  capacity(): Promise<readonly NodePool[]> {
    return readCapacity(this.kube, this.settings.nodePoolLabel);
  }

  private async read(): Promise<OwnLiqo> {
    const { liqoNamespace, version } = this.settings;
    const { clusterID, clusterName } = await readLiqoIdentity(this.kube, liqoNamespace);
    const keys = await readLiqoKeys(this.kube, liqoNamespace);
    if (keys === undefined)
      throw new CatalogError(
        "UNAVAILABLE",
        `Liqo in namespace ${liqoNamespace} has no keys yet (Secret authentication-keys). Wait until it has started.`,
      );
    return {
      parameters: { clusterID, clusterName, endpoint: null, token: null },
      version: version ?? (await readLiqoVersion(this.kube, liqoNamespace)),
      publicKey: keys.publicKey,
    };
  }
}
