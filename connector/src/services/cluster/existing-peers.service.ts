import { Backoff, delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import { seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR } from "../contracts/contract-ledger.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { ClusterDriver } from "../ports.js";

/**
 * Remembers, at the first start with a driver, which peers the cluster had already. They keep what they have until the admin has decided:
 * without that, telling Liqo what was sold would end whatever was shared by hand before.
 */
export class ExistingPeersService implements Task {
  readonly name = "existing peers";

  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly driver: Pick<ClusterDriver, "existingPeers">,
    private readonly log: Logger,
  ) {}

  /** Tries until they are listed, once in the life of the database. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      try {
        await this.list();
        return;
      } catch (error) {
        this.log.info({ err: error }, "which peers this cluster had before is not known yet");
        await delay(backoff.next(), signal);
      }
    }
  }

  /** Lists them now; nothing if they were listed before. @throws while the cluster cannot be read. */
  async list(): Promise<void> {
    if ((await this.transact(({ cluster }) => cluster.peersListedAt())) !== null) return;
    const found = await this.driver.existingPeers();
    await this.transact(async (unit) => {
      if ((await unit.cluster.peersListedAt()) !== null) return;
      for (const clusterID of new Set(found)) await remember(unit, clusterID);
      await unit.cluster.savePeersListed(seconds(unit.now));
    });
  }
}

/** A peer of whom the ledger or the admin has said something is no question any more. */
async function remember(unit: LedgerUnit, clusterID: string): Promise<void> {
  if ((await unit.allowances.find(clusterID)) !== undefined) return;
  if ((await unit.contracts.namesEverSold(clusterID)).length > 0) return;
  await unit.allowances.save({ clusterID, isUnlimited: true, resources: {}, namesEver: [], isDecided: false });
  const message = `Cluster ${clusterID} peered here before and keeps what it has until setAllowance says otherwise`;
  await unit.activity.add({ actor: CONNECTOR_ACTOR, action: "allowance.undecided", subject: clusterID, message });
  unit.changed("grant", clusterID);
}
