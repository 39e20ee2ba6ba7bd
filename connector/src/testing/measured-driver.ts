import { ManualDriver } from "../liqo/manual/manual-driver.js";
import type { NodePool } from "../domain/node-pools.js";

/** A cluster whose nodes the test sets, for tests of what is sold on them. */
export class MeasuredDriver extends ManualDriver {
  pools: readonly NodePool[] | null = null;
  /** Thrown at each look while it is set. */
  failure: Error | undefined;
  facts = { mode: "manual", version: null as string | null };

  constructor(name: string) {
    const parameters = { clusterID: `cluster-${name}`, clusterName: name, endpoint: null, token: null };
    super({ ...parameters, liqoVersion: null });
  }

  override liqo(): { readonly mode: string; readonly version: string | null } {
    return this.facts;
  }

  override async capacity(): Promise<readonly NodePool[] | null> {
    if (this.failure !== undefined) throw this.failure;
    return this.pools;
  }
}
