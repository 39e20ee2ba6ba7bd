import { isEnded } from "@catalog/schema/contract";
import type { Clock } from "@catalog/server/clock";
import { released } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR, type ContractLedger } from "./contract-ledger.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import type { WorkResult } from "./outbox-worker.js";
import type { ClusterDriver } from "../ports.js";

/** How soon the driver is asked again whether the resources of an ended contract are back, in ms. */
const ASK_AGAIN_MS = 2_000;

/** Frees the units of ended contracts once their resources are back: in the ledger each exactly once. */
export class ReleaseService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly driver: ClusterDriver,
    private readonly clock: Clock,
  ) {}

  async release(contractID: string): Promise<WorkResult> {
    const contract = await this.transact((unit) => unit.contracts.get(contractID));
    if (contract === undefined || !contract.isHolding || !isEnded(contract.state)) return { isDone: true };
    if (!(await this.driver.reclaim(contract)))
      return { isDone: false, againAt: this.clock.now().getTime() + ASK_AGAIN_MS };
    await this.transact(async (unit) => {
      const now = await unit.contracts.find(contractID);
      if (now !== undefined) await this.ledger.change(unit, now, released(now, unit.now), CONNECTOR_ACTOR);
    });
    return { isDone: true };
  }
}
