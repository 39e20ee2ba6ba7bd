import type { ClusterParameters } from "@catalog/schema/catalog";
import type { Contract } from "../../domain/contract.js";
import type { ClusterDriver, ClusterSafety } from "../../services/ports.js";
import type { LiqoHere } from "./liqo-switch.js";

/** A cluster whose Liqo is not known beforehand: the driver of the one that is there, and nothing while none is. */
export class AutoCluster implements ClusterDriver {
  readonly releasesAtOnce = false;

  constructor(private readonly liqoHere: LiqoHere<{ readonly cluster: ClusterDriver }>) {}

  get mode(): string {
    return this.found?.mode ?? "auto";
  }

  async parameters(): Promise<ClusterParameters> {
    return (await this.liqoHere.get()).cluster.parameters();
  }

  liqo(): ReturnType<ClusterDriver["liqo"]> {
    return this.found?.liqo() ?? { mode: "auto", version: null };
  }

  safety(): ClusterSafety {
    return this.found?.safety() ?? { isSellingAllowed: false, risks: [] };
  }

  async reclaim(contract: Contract): Promise<boolean> {
    return (await this.liqoHere.get()).cluster.reclaim(contract);
  }

  async existingPeers(): Promise<readonly string[] | null> {
    return (await this.liqoHere.get()).cluster.existingPeers();
  }

  async capacity(): ReturnType<ClusterDriver["capacity"]> {
    return this.found?.capacity() ?? null;
  }

  private get found(): ClusterDriver | undefined {
    return this.liqoHere.found?.cluster;
  }
}
