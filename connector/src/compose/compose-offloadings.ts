import type { Logger } from "@catalog/server/log";
import { periodicTask, type Task } from "@catalog/server/tasks";
import type { GrantSettings } from "../domain/grant.js";
import type { Transact } from "../services/contracts/ledger-ports.js";
import { EndWarningsService } from "../services/offloading/end-warnings.service.js";
import type { OffloadingDriver } from "../services/offloading/offloading-ports.js";
import { OffloadingReconciler } from "../services/offloading/offloading-reconciler.js";
import type { OffloadingUnit } from "../services/offloading/offloading-store.js";
import { OffloadingTurns } from "../services/offloading/offloading-turn.js";
import { OffloadingService } from "../services/offloading/offloading.service.js";
import { RehearsalService } from "../services/offloading/rehearsal.service.js";
import type { Changes } from "../services/ports.js";

/** How often is looked which contracts end soon, in ms. */
const WARN_EVERY_MS = 60_000;

/** What offloaded namespaces stand on. */
export interface OffloadingParts {
  readonly transact: Transact<OffloadingUnit>;
  readonly driver: OffloadingDriver;
  /** Namespaces of Liqo and of the Connector itself. */
  readonly reserved: readonly string[];
  readonly grants: GrantSettings;
  readonly changes: Changes;
  readonly log: Logger;
  readonly lookEveryMs: number;
}

export interface Offloadings {
  readonly service: OffloadingService;
  readonly rehearsals: RehearsalService;
  readonly tasks: readonly Task[];
}

/** Wires everything about offloaded namespaces. */
export function composeOffloadings(parts: OffloadingParts): Offloadings {
  const { transact, driver, changes, log } = parts;
  const turns = new OffloadingTurns(transact, driver);
  const warnings = new EndWarningsService(transact);
  const reconciler = new OffloadingReconciler(transact, turns, changes, { lookEveryMs: parts.lookEveryMs }, log);
  const watch: Task = {
    name: "watch of offloaded namespaces",
    run: (signal) => driver.watch((namespace) => changes.emit("offloading", namespace), signal),
  };
  return {
    service: new OffloadingService(transact, driver, parts.reserved),
    rehearsals: new RehearsalService(transact, driver, parts.grants),
    tasks: [
      reconciler,
      watch,
      periodicTask("warnings of ending contracts", WARN_EVERY_MS, () => warnings.sweep(), { log }),
    ],
  };
}
