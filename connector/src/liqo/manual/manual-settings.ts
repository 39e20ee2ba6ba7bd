import type { Amounts } from "@catalog/schema/resource-list";
import type { Contract } from "../../domain/contract.js";
import type { PeeringExchange, PeeringTask } from "../../services/peerings/peering-ports.js";
import type { Identity } from "../../services/ports.js";
import type { RemoteToken } from "../forge/token-secret.js";
import type { ManualCluster } from "./manual-driver.js";

/** What peering by hand goes by. */
export interface ManualSettings {
  readonly cluster: ManualCluster;
  readonly identity: Pick<Identity, "signer">;
  readonly liqoNamespace: string;
  /** The class of ResourceSlice that is bought and sold. */
  readonly className: string;
  /** What contracts give, under Kubernetes' names. */
  readonly resourcesOf: (contracts: readonly Contract[]) => Amounts;
  /** Whether an address that a peer told may be written into a manifest that makes Liqo call it. @throws CatalogError that says why not. */
  readonly checkAddress: (url: string) => Promise<void>;
  /** Gets a provider's address and token (Liqo 0.x), checked as every driver checks them. @throws CatalogError. */
  readonly material: (contract: Contract, exchange: PeeringExchange) => Promise<RemoteToken>;
}

export type Generation = "0.x" | "1.x";

/** Which Liqo a peering is made on: what is said of the own one, or else of the peer's. */
export function generationOf({ peer }: Pick<PeeringTask, "peer">, ownVersion: string | null): Generation {
  const told = [ownVersion, peer.liqo.version].find((version) => /^v?\d+\./.test(version ?? ""));
  if (told !== undefined && told !== null) return /^v?0\./.test(told) ? "0.x" : "1.x";
  return peer.liqo.mode === "v1" ? "1.x" : "0.x";
}
