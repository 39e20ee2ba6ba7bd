import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { ContractLedger } from "../services/contracts/contract-ledger.js";
import type { Transact } from "../services/contracts/ledger-ports.js";
import { ForcedReleaseService } from "../services/peerings/forced-release.service.js";
import { ManifestService, type ManifestSource } from "../services/peerings/manifest.service.js";
import type { PeerDirectory } from "../services/contracts/peer-directory.js";
import { peeringExchange } from "../services/peerings/peering-exchange.js";
import type { PeeringDriver } from "../services/peerings/peering-ports.js";
import { PeeringReconciler } from "../services/peerings/peering-reconciler.js";
import type { PeeringUnit } from "../services/peerings/peering-store.js";
import { PeeringTurns } from "../services/peerings/peering-turn.js";
import { PeeringService } from "../services/peerings/peering.service.js";
import type { Changes, PeeringClient } from "../services/ports.js";

/** What peerings stand on. */
export interface PeeringParts {
  readonly transact: Transact<PeeringUnit>;
  readonly entries: ContractLedger;
  readonly directory: PeerDirectory;
  readonly peers: PeeringClient;
  readonly changes: Changes;
  readonly log: Logger;
  /** Undefined until Liqo has been found. */
  readonly driver: () => PeeringDriver | undefined;
  /** Undefined where a driver writes the objects itself. */
  readonly manifests: () => ManifestSource | undefined;
  readonly isAutomatic: boolean;
  readonly lookEveryMs: number;
  /** How long nothing must have moved before stock may be freed by hand. */
  readonly releaseAfterSeconds: number;
}

export interface Peerings {
  readonly service: PeeringService;
  readonly turns: PeeringTurns;
  readonly manifests: ManifestService;
  readonly forced: ForcedReleaseService;
  readonly tasks: readonly Task[];
}

/** Wires everything about peerings. */
export function composePeerings(parts: PeeringParts): Peerings {
  const { transact, changes, log } = parts;
  const service = new PeeringService(transact, parts.isAutomatic);
  const exchange = peeringExchange(parts.directory, parts.peers);
  const turns = new PeeringTurns(transact, parts.entries, parts.driver, exchange);
  const periods = { lookEveryMs: parts.lookEveryMs };
  const reconciler = new PeeringReconciler(service, turns, changes, periods, log);
  const watch: Task = {
    name: "watch of the cluster",
    run: async (signal) => {
      const driver = parts.driver();
      if (driver !== undefined) await reconciler.watch(driver, signal);
    },
  };
  const manifests = new ManifestService(turns, service, parts.manifests);
  const forced = new ForcedReleaseService(transact, parts.entries, parts.releaseAfterSeconds);
  return { service, turns, manifests, forced, tasks: [reconciler, watch] };
}
