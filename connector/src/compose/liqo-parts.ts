import type { Clock } from "@catalog/server/clock";
import type { Logger } from "@catalog/server/log";
import type { EndpointGuard } from "@catalog/server/outgoing/endpoint-guard";
import type { Task } from "@catalog/server/tasks";
import type { ConnectorConfig } from "../config.js";
import type { Contract } from "../domain/contract.js";
import type { OffloadingDriver } from "../services/offloading/offloading-ports.js";
import type { ManifestSource } from "../services/peerings/manifest.service.js";
import type { PeeringDriver } from "../services/peerings/peering-ports.js";
import type { ClusterDriver, GrantSource, Identity, MembershipSource } from "../services/ports.js";

/** What the drivers of Liqo stand on. */
export interface LiqoParts {
  readonly config: ConnectorConfig;
  readonly identity: Identity;
  readonly members: MembershipSource;
  readonly grants: GrantSource;
  /** Active contracts that were sold here. */
  readonly sold: () => Promise<readonly Contract[]>;
  readonly guard: EndpointGuard;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What contracts need of Liqo, how peerings are made on it, and who writes manifests where nobody does. */
export interface DrivenLiqo {
  readonly cluster: ClusterDriver;
  readonly peering: PeeringDriver;
  readonly offloading: OffloadingDriver;
  readonly manifests: ManifestSource | undefined;
  /** To be started once the database is there. */
  readonly tasks: readonly Task[];
}
