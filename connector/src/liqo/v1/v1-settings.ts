import type { Amounts } from "@catalog/schema/resource-list";
import type { Contract } from "../../domain/contract.js";
import type { ConnectorAccount } from "../forge/handshake.js";
import type { GatewayServiceType } from "../forge/network.js";

/** What the driver for Liqo 1.x goes by. */
export interface V1Settings {
  /** Liqo's id of this cluster. */
  readonly ownID: string;
  readonly liqoNamespace: string;
  /** The class of ResourceSlice that is bought and sold. */
  readonly className: string;
  /** The ServiceAccount that has to be let into each tenant namespace; null where the Connector logs in with rights of its own. */
  readonly account: ConnectorAccount | null;
  /** How the gateways of this cluster are reached. */
  readonly gatewayService: GatewayServiceType;
  /** What contracts give, under Kubernetes' names. */
  readonly resourcesOf: (contracts: readonly Contract[]) => Amounts;
  /** Whether an address that a peer told may be written into an object that makes Liqo call it. @throws CatalogError that says why not. */
  readonly checkAddress: (url: string) => Promise<void>;
  /** How long a customer has to take its side down before the provider does it alone, in ms. */
  readonly graceMs: number;
  /** After how long waiting an admin is told what may be wrong, in ms. */
  readonly patienceMs: number;
}
