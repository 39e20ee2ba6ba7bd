import type { Cidrs, GatewayServiceType } from "../forge/network.js";

/** What this cluster's network is. */
export interface NetworkFacts {
  /** Liqo's id of this cluster. */
  readonly ownID: string;
  /** Own address ranges; undefined until Liqo knows them. */
  readonly cidr: Cidrs | undefined;
  readonly liqoNamespace: string;
  readonly gatewayService: GatewayServiceType;
}
