import type { ClusterParameters } from "@catalog/schema/catalog";
import { CatalogError } from "@catalog/schema/errors";
import { canonicalJson } from "../../domain/canonical-json.js";
import type { Contract } from "../../domain/contract.js";
import type { LedgerUnit, LiqoFacts, Transact } from "../contracts/ledger-ports.js";
import type { ClusterDriver, ClusterSafety } from "../ports.js";

/**
 * A cluster that goes on being what it last was while its API server or its Liqo is away, after a restart too: what needs no cluster, such as
 * buying, does not wait for it. What is remembered holds no secret.
 */
export class RememberedCluster implements ClusterDriver {
  private known: LiqoFacts | undefined;
  private isRemembered = false;

  constructor(
    private readonly driver: ClusterDriver,
    private readonly transact: Transact<LedgerUnit>,
  ) {}

  get mode(): string {
    return this.driver.mode;
  }

  get releasesAtOnce(): boolean {
    return this.driver.releasesAtOnce;
  }

  /** What Liqo says, or what it said last; then without its token. @throws what the driver throws while nothing is remembered. */
  async parameters(): Promise<ClusterParameters> {
    try {
      const parameters = await this.driver.parameters();
      await this.remember(parameters);
      this.isRemembered = false;
      return parameters;
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      this.known ??= await this.transact(({ cluster }) => cluster.liqoFacts());
      if (this.known === undefined) throw error;
      this.isRemembered = true;
      const { clusterID, clusterName, endpoint } = this.known;
      return { clusterID, clusterName, endpoint, token: null };
    }
  }

  /** As of the last `parameters`. */
  liqo(): LiqoFacts["liqo"] {
    return this.isRemembered && this.known !== undefined ? this.known.liqo : this.driver.liqo();
  }

  safety(): ClusterSafety {
    return this.driver.safety();
  }

  reclaim(contract: Contract): Promise<boolean> {
    return this.driver.reclaim(contract);
  }

  existingPeers(): Promise<readonly string[] | null> {
    return this.driver.existingPeers();
  }

  capacity(): ReturnType<ClusterDriver["capacity"]> {
    return this.driver.capacity();
  }

  private async remember({ clusterID, clusterName, endpoint }: ClusterParameters): Promise<void> {
    const facts: LiqoFacts = { clusterID, clusterName, endpoint, liqo: this.driver.liqo() };
    if (this.known !== undefined && canonicalJson(this.known) === canonicalJson(facts)) return;
    await this.transact(({ cluster }) => cluster.saveLiqoFacts(facts));
    this.known = facts;
  }
}
