import type { ClusterParameters } from "@catalog/schema/catalog";
import { CatalogError } from "@catalog/schema/errors";
import type { ClusterNames, ClusterService } from "./cluster.service.js";
import type { ClusterProfile } from "../contracts/ledger-ports.js";
import type { ClusterDriver } from "../ports.js";
import type { ProfileService } from "./profile.service.js";

/** This cluster as its admin sees it. */
export interface ConnectorView {
  readonly ready: boolean;
  readonly prettyName: string | null;
  readonly contractEndpoint: string | null;
  readonly fingerprint: string;
  readonly clusterParameters: ClusterParameters | null;
  readonly liqo: { readonly mode: string; readonly version: string | null };
  /** Unix seconds. */
  readonly created: number | null;
  readonly descriptor: string | null;
}

/** Who this cluster is, and the admin's changes of that. */
export class ConnectorService {
  constructor(
    private readonly cluster: ClusterService,
    private readonly profiles: ProfileService,
    private readonly driver: ClusterDriver,
  ) {}

  async view(): Promise<ConnectorView> {
    return this.show(await this.cluster.profile());
  }

  async initialise(names: ClusterNames, actor: string): Promise<ConnectorView> {
    return this.show(await this.profiles.initialise(names, actor));
  }

  async setPrettyName(prettyName: string, actor: string): Promise<ConnectorView> {
    return this.show(await this.profiles.setPrettyName(prettyName, actor));
  }

  async setContractEndpoint(contractEndpoint: string, actor: string): Promise<ConnectorView> {
    return this.show(await this.profiles.setContractEndpoint(contractEndpoint, actor));
  }

  private async show(profile: ClusterProfile | undefined): Promise<ConnectorView> {
    return {
      ready: profile !== undefined,
      prettyName: profile?.clusterPrettyName ?? null,
      contractEndpoint: profile?.contractEndpoint ?? null,
      fingerprint: this.cluster.identity.fingerprint,
      clusterParameters: await this.parameters(),
      liqo: this.driver.liqo(),
      created: profile?.created ?? null,
      descriptor: profile === undefined ? null : await this.cluster.descriptor(),
    };
  }

  /** Null while Liqo is not there or cannot be read: the diagnostics say why, and the rest of the view does not depend on it. */
  private async parameters(): Promise<ClusterParameters | null> {
    try {
      return await this.driver.parameters();
    } catch (error) {
      if (error instanceof CatalogError) return null;
      throw error;
    }
  }
}
