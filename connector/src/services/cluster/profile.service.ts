import { InputInvalidError } from "@catalog/schema/problem";
import type { ClusterNames, ClusterService } from "./cluster.service.js";
import type { ClusterProfile } from "../contracts/ledger-ports.js";

/** Looks at what answers at an address. */
export interface EndpointProbe {
  /** Whether the own admin listener answers there. False where nothing does. */
  isOwnAdminListener(endpoint: string): Promise<boolean>;
}

/** Name and contract endpoint as the admin sets them. */
export class ProfileService {
  constructor(
    private readonly cluster: ClusterService,
    private readonly probe: EndpointProbe,
  ) {}

  /** @throws BAD_USER_INPUT */
  async initialise(names: ClusterNames, actor: string): Promise<ClusterProfile> {
    await this.refuseAdminListener(names.contractEndpoint);
    return this.cluster.initialise(names, actor);
  }

  /** @throws BAD_USER_INPUT, NOT_INITIALISED */
  setPrettyName(prettyName: string, actor: string): Promise<ClusterProfile> {
    return this.cluster.setPrettyName(prettyName, actor);
  }

  /** @throws BAD_USER_INPUT, NOT_INITIALISED */
  async setContractEndpoint(contractEndpoint: string, actor: string): Promise<ClusterProfile> {
    await this.refuseAdminListener(contractEndpoint);
    return this.cluster.setContractEndpoint(contractEndpoint, actor);
  }

  private async refuseAdminListener(contractEndpoint: string): Promise<void> {
    if (!(await this.probe.isOwnAdminListener(contractEndpoint))) return;
    throw new InputInvalidError([
      {
        path: "contractEndpoint",
        message:
          "leads to the admin API of this Connector, which others must never reach; give the address of its contract endpoint (by default port 6003)",
      },
    ]);
  }
}
