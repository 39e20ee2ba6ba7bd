import type { Logger } from "@catalog/server/log";
import type { PeerUsage } from "../../domain/end-rehearsal.js";
import type {
  NamespaceReport,
  NamespaceTask,
  OffloadingByHand,
  OffloadingDriver,
} from "../../services/offloading/offloading-ports.js";
import type { PeeringSide } from "../../services/peerings/peering-ports.js";
import { untilThere } from "../late-driver.js";

/** Offloading in a cluster whose Liqo is not known beforehand: until it was found everything fails with the reason, which passes. */
export class LateOffloading implements OffloadingDriver {
  /** @param find throws a transient CatalogError while Liqo is not there. */
  constructor(
    private readonly find: () => Promise<OffloadingDriver>,
    private readonly log: Logger,
  ) {}

  async check(task: NamespaceTask): Promise<void> {
    await (await this.find()).check(task);
  }

  async reconcile(task: NamespaceTask): Promise<NamespaceReport> {
    return (await this.find()).reconcile(task);
  }

  async byHand(task: NamespaceTask): Promise<OffloadingByHand | null> {
    return (await this.find()).byHand(task);
  }

  async usage(side: PeeringSide, clusterID: string): Promise<PeerUsage | null> {
    return (await this.find()).usage(side, clusterID);
  }

  async watch(onChange: (namespace: string) => void, signal: AbortSignal): Promise<void> {
    const driver = await untilThere(() => this.find(), this.log, signal);
    await driver?.watch(onChange, signal);
  }
}
